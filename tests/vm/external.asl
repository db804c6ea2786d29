// SPDX-License-Identifier: GPL-2.0
// The port at slot 8 of the root bus faces outwards: Linux trusts no device behind it.
DefinitionBlock ("", "SSDT", 2, "DMATRC", "EXTERNAL", 1)
{
    External (\_SB.PCI0.S40, DeviceObj)
    Scope (\_SB.PCI0.S40)
    {
        Name (_DSD, Package () {
            ToUUID ("efcc06cc-73ac-4bc3-bff0-76143807c389"),
            Package () {
                Package () { "ExternalFacingPort", 1 },
                Package () { "UID", 0 }
            }
        })
    }
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A job for any CI system, as root: run the tests and hold DMA to its limits meanwhile.
#
#	ci.sh COMMAND...
#
# Leaves dma.xml for the CI system and dma.db for whoever wants to know more.  With base.db, the
# dma.db of an earlier run, here as well, nothing may have become slower by more than half.
set -eu

if [ -e base.db ]; then
	set -- --baseline base.db --max-regression 50% -- "$@"
else
	set -- -- "$@"
fi
code=0
dmatrace check --policy examples/dma.yml --junit dma.xml \
	--output dma.db --force --interval 100ms "$@" || code=$?
case $code in
4)	echo "a limit was not kept; 'dmatrace report -i dma.db' says more" ;;
5)	echo "too little was seen to say if limits were kept" ;;
esac
exit $code

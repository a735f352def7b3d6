// RUN: firn-opt --kernel-fuse-epilogues %s | FileCheck %s

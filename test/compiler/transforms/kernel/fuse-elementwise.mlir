// RUN: firn-opt --kernel-fuse-elementwise %s | FileCheck %s

// RUN: firn-opt --kernel-to-schedule %s | FileCheck %s

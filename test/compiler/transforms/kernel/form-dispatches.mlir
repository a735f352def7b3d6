// RUN: firn-opt --kernel-form-dispatches %s | FileCheck %s

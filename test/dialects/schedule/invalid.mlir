// RUN: firn-opt --verify-diagnostics %s

schedule.program @main {
  %one = arith.constant 1 : index
  %b = schedule.buffer %one
  // expected-error @+1 {{expected 3 or 9 sizes of the grid, got 1}}
  schedule.dispatch 0 (%b) grid(%one) scratch %one
}

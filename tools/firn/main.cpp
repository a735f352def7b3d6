// firn's command line; the commands are in compiler/driver.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "compiler/driver/commands.h"

int main(int argc, char **argv) {
  // A reader that went away is an error of a write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  int code = firn::runDriver({argv + 1, argv + argc});
  std::fflush(nullptr);
  // Libraries' static destructors have nothing left to do that the system does not do faster.
  std::_Exit(code);
}

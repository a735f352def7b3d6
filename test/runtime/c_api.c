/* The header is C, and the shared library is enough to link with. */
#include <stdio.h>
#include <string.h>

#include "firn/runtime.h"

int main(void) {
  firn_status status;
  firn_module *module;
  const firn_code code = firn_module_open("/nowhere.firn", NULL, &module, &status);
  printf("level %u; %s\n", firn_cpu_level_of_machine(), status.message);
  return code == FIRN_UNREADABLE && module == NULL && strstr(status.message, "/nowhere.firn") ? 0 : 1;
}

// Contexts with threads: apart from those without, which link none.
#include "runtime/context/context.h"

using namespace firn::runtime;

firn_code firn_context_create(firn_module *module, const firn_context_options *options,
                              firn_context **context, firn_status *status) {
  *context = nullptr;
  firn_context *made = create<firn_context>();
  if (!made)
    return failMemory(status, sizeof(firn_context));
  made->module = share(module);
  const firn_context_options defaults = {0, nullptr, nullptr};
  if (firn_code code = made->pool.start(options ? *options : defaults, status)) {
    destroy(made);
    return code;
  }
  return finishContext(made, context, status);
}

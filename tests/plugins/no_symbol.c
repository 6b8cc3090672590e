/* A shared object that is no plugin. */
#include "flow/error.h"

FLOW_PUBLIC int something_else(void);
int something_else(void)
{
    return 1;
}

#include "base/vec.h"

#include <stdint.h>

int vec_grow_(void **at, size_t *capacity, size_t count, size_t extra, size_t each)
{
    if (extra <= *capacity - count)
        return FLOW_OK;
    if (extra > SIZE_MAX / 2 - count)
        return FLOW_ENOMEM;
    size_t wanted = *capacity < 4 ? 4 : *capacity + *capacity / 2;
    if (wanted < count + extra)
        wanted = count + extra;
    void *grown = mem_array(*at, wanted, each);
    if (!grown)
        return FLOW_ENOMEM;
    *at = grown;
    *capacity = wanted;
    return FLOW_OK;
}

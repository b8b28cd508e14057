/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#ifdef HAVE_HDF5
#include "util/hdf5.h"

#include <dlfcn.h>
#include <string.h>

/* H5Lget_info is a macro in some versions of the header: expanded, then made text. */
#define TEXT_OF(name) #name

static int missing(struct hdf5 *hdf5, const char *symbol, struct err *err)
{
    err_set(err, ERR_RUNTIME, "%s lacks %s: not the HDF5 library of the build",
            HDF5_LIBRARY, symbol);
    hdf5_unload(hdf5);
    return -1;
}

/* The structures of its interface may change from 1.10 to 1.12, say. */
static int check_version(struct hdf5 *hdf5, struct err *err)
{
    unsigned major, minor, release;
    if (hdf5->H5get_libversion(&major, &minor, &release) >= 0 &&
        major == H5_VERS_MAJOR && minor == H5_VERS_MINOR)
        return 0;
    err_set(err, ERR_RUNTIME, "%s is not of version %d.%d, as in the build",
            HDF5_LIBRARY, H5_VERS_MAJOR, H5_VERS_MINOR);
    hdf5_unload(hdf5);
    return -1;
}

int hdf5_load(struct hdf5 *hdf5, struct err *err)
{
    *hdf5 = (struct hdf5){.library = dlopen(HDF5_LIBRARY, RTLD_NOW | RTLD_LOCAL)};
    if (!hdf5->library)
        return err_set(err, ERR_RUNTIME,
                       "the HDF5 library, %s, cannot be loaded (Debian: apt-get "
                       "install %s)",
                       HDF5_LIBRARY, HDF5_PACKAGE);
    void *symbol;
#define LOAD(name)                                \
    symbol = dlsym(hdf5->library, TEXT_OF(name)); \
    if (!symbol)                                  \
        return missing(hdf5, TEXT_OF(name), err); \
    memcpy(&hdf5->name, &symbol, sizeof symbol);
    HDF5_FUNCTIONS(LOAD)
#undef LOAD
    hdf5->H5dont_atexit(); /* hdf5_unload cleans up */
    if (check_version(hdf5, err))
        return -1;
    if (hdf5->H5open() < 0)
        return missing(hdf5, "a way to start", err);
        /* After H5open, which sets them. */
#define LOAD(field, name)                \
    symbol = dlsym(hdf5->library, name); \
    if (!symbol)                         \
        return missing(hdf5, name, err); \
    memcpy(&hdf5->field, symbol, sizeof hdf5->field);
    HDF5_IDENTIFIERS(LOAD)
#undef LOAD
    hdf5->H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return 0;
}

void hdf5_bound_memory(const struct hdf5 *hdf5, hid_t file)
{
    enum { METADATA_BYTES = 1 << 16 };
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (hdf5->H5Fget_mdc_config(file, &config) < 0)
        return;
    config.set_initial_size = 1;
    config.initial_size = config.min_size = config.max_size = METADATA_BYTES;
    config.incr_mode = H5C_incr__off;
    config.flash_incr_mode = H5C_flash_incr__off;
    config.decr_mode = H5C_decr__off;
    hdf5->H5Fset_mdc_config(file, &config);
}

void hdf5_unload(struct hdf5 *hdf5)
{
    if (hdf5->H5close)
        hdf5->H5close();
    if (hdf5->library)
        dlclose(hdf5->library);
    *hdf5 = (struct hdf5){0};
}
#else
/* ISO C forbids an empty translation unit. */
typedef int hdf5_is_not_there;
#endif

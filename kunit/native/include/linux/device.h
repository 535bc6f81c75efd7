/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_DEVICE_H
#define NATIVE_LINUX_DEVICE_H

struct device;

#endif

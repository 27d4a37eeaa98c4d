# SPDX-License-Identifier: MIT
# The GSS mechanism plugin over these packages will be built here; there is nothing yet.

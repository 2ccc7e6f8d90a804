# Cross-compiles with a Debian toolchain, and runs the programs under QEMU. -DLOCALGRAD_CROSS= names the target, for
# example arm-linux-gnueabihf (packages g++-arm-linux-gnueabihf and qemu-user-static).

list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LOCALGRAD_CROSS)
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "${LOCALGRAD_CROSS}")
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_CXX_COMPILER ${LOCALGRAD_CROSS}-g++)
set(CMAKE_FIND_ROOT_PATH /usr/${LOCALGRAD_CROSS})
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

string(REGEX REPLACE "^i[3-6]86$" i386 qemu "${CMAKE_SYSTEM_PROCESSOR}")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${qemu}-static -L /usr/${LOCALGRAD_CROSS})

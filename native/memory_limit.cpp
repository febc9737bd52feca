#include "memory_limit.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include "blas.hpp"

namespace setpoint {
namespace {

/**
 * Private writable memory of this process in bytes, its stack included, by the kernel's count.
 * proc(5): of the numbers in statm, in pages, the sixth. The child asks after every solve, and
 * /proc/self/status tells the same in ten times the time.
 */
std::uint64_t private_memory() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  unsigned long long pages = 0;
  const bool told =
      file != nullptr && std::fscanf(file, "%*u %*u %*u %*u %*u %llu", &pages) == 1;
  if (file != nullptr) std::fclose(file);
  if (!told) throw std::runtime_error("/proc/self/statm does not tell the private memory");
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void limit_memory(std::uint64_t bytes) {
  prepare_blas();
  const rlim_t most = private_memory() + bytes;
  const rlimit limit{most, most};
  if (setrlimit(RLIMIT_DATA, &limit) != 0) {
    throw std::runtime_error("Cannot limit the memory to " + std::to_string(most) +
                             " bytes: " + std::strerror(errno));
  }
}

std::uint64_t memory_left() {
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  const std::uint64_t used = private_memory();
  return used < limit.rlim_cur ? limit.rlim_cur - used : 0;
}

}  // namespace setpoint

#include "memory_limit.hpp"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>

#include "blas.hpp"

namespace setpoint {
namespace {

/** Private writable memory of this process in bytes, by the kernel's count. */
std::uint64_t private_memory() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::uint64_t kibibytes = 0;
    if (word == "VmData:" && status >> kibibytes) return 1024 * kibibytes;
  }
  throw std::runtime_error("/proc/self/status does not tell VmData");
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

/** A ceiling for the memory of a process that only solves. */
#ifndef SETPOINT_MEMORY_LIMIT_HPP
#define SETPOINT_MEMORY_LIMIT_HPP

#include <cstdint>

namespace setpoint {

/**
 * Lets the process take `bytes` more of private memory than it has now. RLIMIT_DATA and not
 * RLIMIT_AS: JavaScript engines reserve far more addresses than they ever fill, and reservations
 * count for the latter only (getrlimit(2), since Linux 4.7). Throws std::runtime_error.
 */
void limit_memory(std::uint64_t bytes);

/** Bytes that are left of that; the largest number without a limit. Throws std::runtime_error. */
std::uint64_t memory_left();

}  // namespace setpoint

#endif

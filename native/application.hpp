/**
 * IPOPT itself: how an application is made, set and run. The one place that knows which linear
 * solver works inside.
 */
#ifndef SETPOINT_APPLICATION_HPP
#define SETPOINT_APPLICATION_HPP

#include <IpIpoptApplication.hpp>

#include "program.hpp"

namespace setpoint {

/**
 * Largest violation of a row that counts as none, relative to its scale. IPOPT's defaults, 1e-4 and
 * for an acceptable point 1e-2, are absolute: they would call a point good that breaks its limits.
 */
constexpr double kViolation = 1e-6;

/** A silent application that reads no options file; throws std::runtime_error. */
Ipopt::SmartPtr<Ipopt::IpoptApplication> make_application();

/** Options that change from solve to solve; `row_scale` is the smallest of the rows' scales. */
void set_options(Ipopt::IpoptApplication& application, const Request& request, double row_scale);

/** Runs one solve; IPOPT's ApplicationReturnStatus. */
int optimize(Ipopt::IpoptApplication& application, Problem& problem);

}  // namespace setpoint

#endif

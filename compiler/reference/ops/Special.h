// Special functions, in double precision. Where a function has no value the result is NaN.
#pragma once

namespace firn::reference {

/// log|gamma(x)|.
double lgamma(double x);
/// The derivative of log(gamma(x)), and its derivative of order `n`.
double digamma(double x);
double polygamma(double n, double x);
/// The Hurwitz zeta function: the sum of (q + k)^-x over k = 0, 1, …
double zeta(double x, double q);
/// The regularised incomplete gamma functions, lower and upper.
double igamma(double a, double x);
double igammac(double a, double x);
/// The regularised incomplete beta function.
double betainc(double a, double b, double x);
/// The inverse of the normal distribution's cumulative function.
double ndtri(double p);

} // namespace firn::reference

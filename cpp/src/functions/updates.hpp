#pragma once

// All update rules.

#include "functions/adam.hpp"
#include "functions/adaptive.hpp"
#include "functions/descent.hpp"

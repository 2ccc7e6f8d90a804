#pragma once

/// @file
/// The whole public C++ interface of localgrad.

#include "localgrad/config.h"
#include "localgrad/error.hpp"
#include "localgrad/executor.hpp"
#include "localgrad/export.h"
#include "localgrad/info.hpp"
#include "localgrad/network.hpp"
#include "localgrad/predict.hpp"
#include "localgrad/predictor.hpp"
#include "localgrad/rows.hpp"
#include "localgrad/standardization.hpp"
#include "localgrad/status.hpp"
#include "localgrad/version.h"
#include "localgrad/view.hpp"

#if LOCALGRAD_HAS_TRAINING
#include "localgrad/checkpoint.hpp"
#include "localgrad/curvature.hpp"
#include "localgrad/derivatives.hpp"
#include "localgrad/diagnostics.hpp"
#include "localgrad/fleet.hpp"
#include "localgrad/gradients.hpp"
#if LOCALGRAD_HAS_DOUBLE
#include "localgrad/levenberg_marquardt.hpp"
#endif
#include "localgrad/optimizer.hpp"
#include "localgrad/per_example.hpp"
#include "localgrad/plan.hpp"
#include "localgrad/privacy.hpp"
#include "localgrad/trace.hpp"
#include "localgrad/trainer.hpp"
#endif

#pragma once

/// Returns the prediction of an untrained network.
float predict_one(float x);

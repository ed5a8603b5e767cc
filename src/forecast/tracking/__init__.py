"""The only room that knows MLflow. It is an accessory: when it is down, the forecast stands."""

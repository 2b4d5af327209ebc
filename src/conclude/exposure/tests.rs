mod bypass;
mod chain;
mod database;
mod instance;
mod load_balancer;
mod network_rules;
mod service;
mod world;

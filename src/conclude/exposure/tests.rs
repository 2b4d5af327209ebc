mod bypass;
mod chain;
mod database;
mod instance;
mod network_rules;
mod service;
mod world;

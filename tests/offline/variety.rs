//! Accounts as they are in real life: each case is a small account that is edited and judged with
//! the built-in policies, and the verdicts that AWS's documentation demands; remedies that harm
//! nothing; what a scan ends with.

mod alarms;
mod block_public_access;
mod containers;
mod databases;
mod delivery;
mod ecs;
mod escalation;
mod exit_codes;
mod groups;
mod hosts;
mod load_balancers;
mod logs;
mod network;
mod remedies;
mod resilience;
mod secrets;
mod standalone_tasks;
mod start;

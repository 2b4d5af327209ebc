//! The AWS operations that the audit uses: what allows each, which of AWS's token buckets it
//! draws from, how large its pages are, and what its answers look like. Each service's file
//! lists its own; here they come together.
//!
//! Everything is Describe, List or Get of configuration; a test holds that. Rates
//! are AWS's documented defaults per account and region (EC2, ECS and ELB throttling
//! pages; WAF, CloudWatch, Logs and ACM quotas; the SNS API reference). Where AWS
//! documents no number, `UNDOCUMENTED` is used.

use super::SERVICES;

/// A token bucket of AWS's, per account and region.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TokenBucket {
    /// Operations with the same name share the bucket.
    pub name: &'static str,
    /// Requests that may come at once.
    pub capacity: u32,
    /// Requests a second after that.
    pub per_second: u32,
}

/// An operation of the audit.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The service as its IAM actions name it, for instance `elasticloadbalancing`.
    pub service: &'static str,
    /// The operation as the API names it.
    pub name: &'static str,
    /// Every IAM action it needs.
    pub permissions: &'static [&'static str],
    /// The bucket it draws from. EC2 keeps one for each operation.
    pub bucket: TokenBucket,
    /// The largest page or batch that AWS accepts; 0 where the answer is not paged.
    pub page_size: i32,
    /// Whether it is asked once for the account (in us-east-1) instead of once a region.
    pub is_global: bool,
    /// Where its answers have the list that is spread over pages; `None` where there is none.
    pub list: Option<PagedList>,
    /// The parameters that tell two requests of it apart; `None` for all of them.
    pub told_apart_by: Option<&'static [&'static str]>,
    /// Method and path where they say what is asked, as the API reference writes them:
    /// `GET /{bucket}?lifecycle`. Recordings name what is in a path by these labels, and know
    /// the request by them when it comes over HTTP.
    pub route: Option<&'static str>,
}

/// A list in an answer that goes on in the next one.
#[derive(Debug, PartialEq, Eq)]
pub struct PagedList {
    /// The field or element with the list.
    pub field: &'static str,
    /// The field or element with the token of the next page.
    pub token: &'static str,
}

impl Operation {
    /// `service:Operation`, the form used in gaps and messages.
    pub fn id(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }

    /// The same with the list that its answers spread over pages.
    pub(super) const fn list(mut self, field: &'static str, token: &'static str) -> Self {
        self.list = Some(PagedList { field, token });
        self
    }

    /// The same where requests have more parameters than it takes to tell them apart.
    pub(super) const fn told_apart_by(mut self, parameters: &'static [&'static str]) -> Self {
        self.told_apart_by = Some(parameters);
        self
    }

    /// The same with the method and path by which it is asked.
    pub(super) const fn at(mut self, route: &'static str) -> Self {
        self.route = Some(route);
        self
    }
}

/// Looks an operation up by service and name.
pub fn find(service: &str, name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().copied().find(|operation| operation.service == service && operation.name == name)
}

#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "runs in the compiler, where a panic is the error message"
)]
/// Looks an operation up while compiling; a name that is not in the table does not compile.
pub const fn named(service: &str, name: &str) -> &'static Operation {
    let mut index = 0;
    while index < OPERATIONS.len() {
        if same(OPERATIONS[index].service, service) && same(OPERATIONS[index].name, name) {
            return OPERATIONS[index];
        }
        index += 1;
    }
    panic!("the operation is not in the table")
}

#[expect(
    clippy::indexing_slicing,
    reason = "`get` cannot be called in a const fn; the index is below both lengths"
)]
const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// A token bucket.
pub(super) const fn bucket(name: &'static str, capacity: u32, per_second: u32) -> TokenBucket {
    TokenBucket { name, capacity, per_second }
}

/// An operation that is asked in every region.
pub(super) const fn operation(
    service: &'static str,
    name: &'static str,
    permissions: &'static [&'static str],
    bucket: TokenBucket,
    page_size: i32,
) -> Operation {
    let (list, told_apart_by, route) = (None, None, None);
    Operation { service, name, permissions, bucket, page_size, is_global: false, list, told_apart_by, route }
}

/// An operation that is asked once for the account.
pub(super) const fn global(
    service: &'static str,
    name: &'static str,
    permissions: &'static [&'static str],
    bucket: TokenBucket,
    page_size: i32,
) -> Operation {
    Operation { is_global: true, ..operation(service, name, permissions, bucket, page_size) }
}

/// What opens a scan and belongs to no section: whose credentials these are.
const IDENTITY: &Operation = &global("sts", "GetCallerIdentity", &[], bucket("sts", 100, 100), 0);

const COUNT: usize = {
    let (mut count, mut service) = (1, 0);
    while service < SERVICES.len() {
        count += of(service).len();
        service += 1;
    }
    count
};

/// Every operation of the audit: the services' in the order of `services!`, then what opens a scan.
pub const OPERATIONS: &[&Operation] = &{
    let mut operations = [IDENTITY; COUNT];
    let (mut count, mut service) = (0, 0);
    while service < SERVICES.len() {
        let own = of(service);
        let mut index = 0;
        while index < own.len() {
            #[expect(clippy::indexing_slicing, reason = "runs in the compiler")]
            let operation = &own[index];
            #[expect(clippy::indexing_slicing, reason = "runs in the compiler")]
            {
                operations[count] = operation;
            }
            count += 1;
            index += 1;
        }
        service += 1;
    }
    operations
};

#[expect(clippy::indexing_slicing, reason = "runs in the compiler")]
const fn of(service: usize) -> &'static [Operation] {
    SERVICES[service].operations
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_only_reads_configuration() {
        for operation in OPERATIONS {
            assert!(
                ["Describe", "List", "Get", "BatchGet"].iter().any(|verb| operation.name.starts_with(verb)),
                "{} changes something",
                operation.id()
            );
            let contents = [
                "GetObject",
                "GetSecretValue",
                "BatchGetSecretValue",
                "GetParameter",
                "GetParameters",
                "GetParametersByPath",
                "GetLogEvents",
                "GetItem",
                "GetRecords",
                "GetFunction",
            ];
            assert!(!contents.contains(&operation.name), "{} reads contents", operation.id());
        }
    }

    #[test]
    fn each_service_names_its_own_in_order_and_once() {
        let ids: Vec<String> = OPERATIONS.iter().map(|operation| operation.id()).collect();
        let mut sorted = Vec::new();
        for service in SERVICES {
            let names: BTreeSet<&str> = service.operations.iter().map(|operation| operation.name).collect();
            sorted.extend(names.into_iter().map(|name| format!("{}:{name}", service.prefix)));
        }
        sorted.push("sts:GetCallerIdentity".to_owned());
        assert_eq!(ids, sorted);
        let prefixes: BTreeSet<&str> = SERVICES.iter().map(|service| service.prefix).collect();
        assert_eq!(prefixes.len(), SERVICES.len(), "two services with one name");
    }

    // What is asked about many things at once has batches instead of pages.
    #[test]
    fn what_has_pages_says_where_its_list_is() {
        let batches = [
            "ecr:BatchGetRepositoryScanningConfiguration",
            "ecs:DescribeClusters",
            "ecs:DescribeContainerInstances",
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "elasticloadbalancing:DescribeTags",
        ];
        for operation in OPERATIONS {
            let has_pages = operation.page_size > 0 && !batches.contains(&operation.id().as_str());
            assert_eq!(operation.list.is_some(), has_pages, "{}", operation.id());
        }
    }
}

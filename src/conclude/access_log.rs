//! Where a load balancer's access log goes.

use super::lookup;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::known::Known;
use crate::snapshot::s3::Bucket;
use crate::snapshot::{GapId, Snapshot};

crate::record! {
    /// Where a load balancer's access log goes.
    pub(crate) struct LogDestination {
        /// The bucket's name; empty where no access log is written.
        pub bucket_name: Known<String>,
        /// Whether the bucket is one of the account's; false when it was deleted or belongs to
        /// another account, and when no access log is written. Then everything below is false.
        pub is_in_account: Known<bool>,
        /// Whether logs arrive where the account's owner may read them: true for a bucket of the
        /// account, false where no such bucket exists and where no access log is written. Unknown
        /// where another account has it, which may be a central one for logs or a stranger's.
        pub arrives: Known<bool>,
        /// Whether a policy or an access control list may make the bucket public: some setting of
        /// its public access block is off.
        pub is_public: Known<bool>,
        /// Whether some lifecycle rule of the bucket is enabled, so that logs end one day.
        pub has_lifecycle: Known<bool>,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn log_destination(snapshot: &Snapshot, lb: &LoadBalancer) -> LogDestination {
    let written = lb.attributes.ask().and_then(|attributes| {
        let is_written = *attributes.access_logs_enabled.ask()? == Some(true);
        Ok(attributes.access_logs_bucket.as_deref().filter(|name| is_written && !name.is_empty()))
    });
    let name = match written {
        Ok(name) => name,
        Err(gap) => return hidden(gap),
    };
    let Some(name) = name else {
        return LogDestination {
            bucket_name: Known::Yes(String::new()),
            is_in_account: Known::Yes(false),
            arrives: Known::Yes(false),
            is_public: Known::Yes(false),
            has_lifecycle: Known::Yes(false),
        };
    };
    let buckets = &snapshot.s3.buckets;
    let destination = match buckets.iter().find(|bucket| bucket.name == name) {
        Some(found) => in_account(found),
        // Buckets are listed for the account as a whole, whatever their region.
        None => match lookup::complete_everywhere(buckets) {
            Err(gap) => hidden(gap),
            Ok(()) => LogDestination {
                is_in_account: Known::Yes(false),
                arrives: arrives_elsewhere(snapshot, lb, name),
                ..hidden(GapId::new("s3:GetPublicAccessBlock", &lb.region, Some(name)))
            },
        },
    };
    LogDestination { bucket_name: Known::Yes(name.to_owned()), ..destination }
}

/// Of a bucket that the account does not have.
fn arrives_elsewhere(snapshot: &Snapshot, lb: &LoadBalancer, name: &str) -> Known<bool> {
    let elsewhere = &snapshot.s3.log_buckets_elsewhere;
    match elsewhere.iter().find(|bucket| bucket.name == name).map(|bucket| &bucket.exists) {
        Some(Known::Yes(false)) => Known::Yes(false),
        // That it exists does not say whose it is.
        Some(Known::Yes(true)) => Known::No(GapId::new("s3:GetBucketLocation", &lb.region, Some(name))),
        Some(Known::No(gap)) => Known::No(gap.clone()),
        None => Known::No(lookup::complete_everywhere(elsewhere).err().unwrap_or_default()),
    }
}

fn in_account(found: &Bucket) -> LogDestination {
    LogDestination {
        bucket_name: Known::Yes(found.name.clone()),
        is_in_account: Known::Yes(true),
        arrives: Known::Yes(true),
        is_public: found.public_access_blocked.clone().map(|blocked| !blocked),
        has_lifecycle: found.has_lifecycle.clone(),
    }
}

fn hidden(gap: GapId) -> LogDestination {
    LogDestination {
        bucket_name: Known::No(gap.clone()),
        is_in_account: Known::No(gap.clone()),
        arrives: Known::No(gap.clone()),
        is_public: Known::No(gap.clone()),
        has_lifecycle: Known::No(gap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::elb::LoadBalancerAttributes;
    use crate::snapshot::s3::BucketElsewhere;

    fn lb(enabled: bool, bucket: Option<&str>) -> LoadBalancer {
        LoadBalancer {
            region: "ap-northeast-1".into(),
            attributes: Known::Yes(LoadBalancerAttributes {
                access_logs_enabled: Known::Yes(Some(enabled)),
                access_logs_bucket: bucket.map(str::to_owned),
                ..LoadBalancerAttributes::default()
            }),
            ..LoadBalancer::default()
        }
    }

    fn account(blocked: Known<bool>, has_lifecycle: Known<bool>) -> Snapshot {
        let mut snapshot = Snapshot::default().complete();
        snapshot.s3.buckets.items.push(Bucket {
            name: "shop-logs".into(),
            public_access_blocked: blocked,
            has_lifecycle,
            ..Bucket::default()
        });
        snapshot
    }

    #[test]
    fn follows_the_log_to_its_bucket() {
        let gap = GapId::new("s3:GetBucketLifecycleConfiguration", "ap-northeast-1", Some("shop-logs"));
        let snapshot = account(Known::Yes(true), Known::No(gap.clone()));
        let found = log_destination(&snapshot, &lb(true, Some("shop-logs")));
        assert_eq!((found.is_in_account, found.is_public), (Known::Yes(true), Known::Yes(false)));
        assert_eq!(found.has_lifecycle, Known::No(gap));
        let snapshot = account(Known::Yes(false), Known::Yes(true));
        let found = log_destination(&snapshot, &lb(true, Some("shop-logs")));
        assert_eq!((found.is_public, found.has_lifecycle), (Known::Yes(true), Known::Yes(true)));
    }

    #[test]
    fn another_accounts_bucket_may_exist() {
        let mut snapshot = account(Known::Yes(true), Known::Yes(true));
        let found = log_destination(&snapshot, &lb(true, Some("log-archive")));
        assert_eq!(found.is_in_account, Known::Yes(false));
        assert_eq!((found.is_public.known(), found.has_lifecycle.known()), (None, None));
        assert_eq!(found.arrives, Known::No(GapId::default()), "nobody asked for it");
        let asked = || GapId::new("s3:GetBucketLocation", "ap-northeast-1", Some("log-archive"));
        let refused = GapId::new("s3:GetBucketLocation", "ap-northeast-1", None);
        for (exists, arrives) in [
            (Known::Yes(false), Known::Yes(false)),
            (Known::Yes(true), Known::No(asked())),
            (Known::No(refused.clone()), Known::No(refused)),
        ] {
            snapshot.s3.log_buckets_elsewhere.items =
                vec![BucketElsewhere { name: "log-archive".into(), exists, ..BucketElsewhere::default() }];
            let found = log_destination(&snapshot, &lb(true, Some("log-archive")));
            assert_eq!((found.arrives, found.is_in_account), (arrives, Known::Yes(false)));
        }
    }

    #[test]
    fn an_incomplete_list_does_not_say_whose_bucket_it_is() {
        let gap = GapId::new("s3:ListBuckets", "us-east-1", None);
        let mut snapshot = Snapshot::default().complete();
        snapshot.s3.buckets.incomplete.push(gap.clone());
        let found = log_destination(&snapshot, &lb(true, Some("shop-logs")));
        assert_eq!((found.is_in_account, found.is_public), (Known::No(gap.clone()), Known::No(gap)));
    }

    #[test]
    fn without_a_log_there_is_no_bucket_and_hidden_settings_hide_it() {
        // A bucket that was set before the log was turned off is not written to.
        for lb in [lb(false, Some("shop-logs")), lb(true, None), lb(true, Some(""))] {
            let found = log_destination(&account(Known::Yes(true), Known::Yes(true)), &lb);
            assert_eq!((found.is_in_account, found.is_public), (Known::Yes(false), Known::Yes(false)));
        }
        let gap = GapId::new("elasticloadbalancing:DescribeLoadBalancerAttributes", "ap-northeast-1", None);
        let lb = LoadBalancer { attributes: Known::No(gap.clone()), ..LoadBalancer::default() };
        let found = log_destination(&Snapshot::default().complete(), &lb);
        assert_eq!((found.is_in_account, found.is_public), (Known::No(gap.clone()), Known::No(gap)));
    }
}

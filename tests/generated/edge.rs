//! What stands in front of load balancers and beside them: distributions, web ACLs,
//! certificates, buckets.

use super::writing::{list, maybe, page, tag};
use super::{ACCOUNT, Account, REGION, arn, balancing, hash, number_after};
use serde_json::{Value as Json, json};
use tenken::recording::wire::Request;

/// Seconds since 1970: the certificates of the account end in a year, those that are
/// about to end in ten days after it is asked.
const SOON: i64 = 1_796_266_800;
const IN_A_YEAR: i64 = SOON + 365 * 24 * 60 * 60;

pub(crate) fn web_acl_arn(acl: usize) -> String {
    arn("wafv2", &format!("regional/webacl/shield-{acl}/{}", hash(acl)))
}

pub(crate) fn certificate_arn(balancer: usize) -> String {
    arn("acm", &format!("certificate/shop-{balancer}"))
}

impl Account {
    pub(crate) fn wafv2(&self, request: &Request, token: Option<&str>, size: usize) -> Option<Json> {
        let text = |name: &str| request.body.get(name).and_then(Json::as_str);
        match request.operation.as_str() {
            "ListWebACLs" if text("Scope") == Some("CLOUDFRONT") => Some(json!({ "WebACLs": [] })),
            "ListWebACLs" => {
                let page = page(self.web_acls(), size, token);
                let items: Vec<Json> = page
                    .range
                    .map(|acl| {
                        json!({ "Name": format!("shield-{acl}"), "Id": hash(acl), "ARN": web_acl_arn(acl),
                                "LockToken": "x", "Description": "" })
                    })
                    .collect();
                Some(json!({ "WebACLs": items, "NextMarker": page.next }))
            }
            "GetWebACL" => {
                Some(json!({ "WebACL": self.web_acl_json(number_after(text("Name")?, "shield-")?) }))
            }
            "ListResourcesForWebACL" => {
                let acl = number_after(text("WebACLArn")?, "shield-")?;
                let protected = (acl..self.size.load_balancers)
                    .step_by(self.web_acls())
                    .filter(|balancer| !self.has("alb-no-waf", *balancer));
                Some(json!({ "ResourceArns": protected.map(balancing::arn_of).collect::<Vec<_>>() }))
            }
            // All of them write a log.
            "ListLoggingConfigurations" => {
                let page = page(self.web_acls(), size, token);
                let stream = arn("firehose", "deliverystream/aws-waf-logs-shop");
                let log = |acl| json!({ "ResourceArn": web_acl_arn(acl), "LogDestinationConfigs": [stream] });
                let items: Vec<Json> = page.range.map(log).collect();
                Some(json!({ "LoggingConfigurations": items, "NextMarker": page.next }))
            }
            _ => None,
        }
    }

    fn web_acl_json(&self, acl: usize) -> Json {
        let seen = |name: &str| json!({ "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name });
        let mut rules = Vec::new();
        if !self.has("waf-no-managed-rules", acl) {
            rules.push(json!({
                "Name": "core", "Priority": 1, "OverrideAction": { "None": {} }, "VisibilityConfig": seen("core"),
                "Statement": { "ManagedRuleGroupStatement": {
                    "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet" } },
            }));
        }
        if !self.has("waf-no-rate-limit", acl) {
            rules.push(json!({
                "Name": "rate", "Priority": 2, "Action": { "Block": {} }, "VisibilityConfig": seen("rate"),
                "Statement": { "RateBasedStatement": {
                    "Limit": 2000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP" } },
            }));
        }
        json!({
            "Name": format!("shield-{acl}"), "Id": hash(acl), "ARN": web_acl_arn(acl), "Capacity": 702,
            "DefaultAction": { "Allow": {} }, "Rules": rules, "VisibilityConfig": seen("all"),
        })
    }

    pub(crate) fn acm(&self, request: &Request, token: Option<&str>, size: usize) -> Option<Json> {
        let summary = |balancer: usize| {
            let is_ending = self.has("alb-certificate-expiring", balancer);
            json!({
                "CertificateArn": certificate_arn(balancer), "DomainName": format!("shop-{balancer}.example.com"),
                "Status": "ISSUED", "Type": "AMAZON_ISSUED", "InUse": true,
                "NotAfter": if is_ending { SOON } else { IN_A_YEAR },
            })
        };
        match request.operation.as_str() {
            "ListCertificates" => {
                let page = page(self.size.load_balancers, size, token);
                let items: Vec<Json> = page.range.map(summary).collect();
                Some(json!({ "CertificateSummaryList": items, "NextToken": page.next }))
            }
            "DescribeCertificate" => {
                let balancer =
                    number_after(request.body.get("CertificateArn")?.as_str()?, "certificate/shop-")?;
                let mut detail = summary(balancer);
                let names = json!([format!("shop-{balancer}.example.com")]);
                let map = detail.as_object_mut()?;
                map.insert("SubjectAlternativeNames".to_owned(), names);
                map.insert("InUseBy".to_owned(), json!([balancing::arn_of(balancer)]));
                Some(json!({ "Certificate": detail }))
            }
            _ => None,
        }
    }

    /// The load balancers with a distribution in front.
    pub(crate) fn distributed(&self) -> Vec<usize> {
        (0..self.facing()).filter(|balancer| !self.has("alb-no-cdn", *balancer)).collect()
    }

    pub(crate) fn distributions(&self, token: Option<&str>, size: usize) -> String {
        let behind = self.distributed();
        let page = page(behind.len(), size, token);
        let count = page.range.len();
        let items = behind.get(page.range).unwrap_or_default().iter().map(|balancer| distribution(*balancer));
        format!(
            "<DistributionList xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Marker></Marker>{}\
             <MaxItems>{size}</MaxItems><IsTruncated>{}</IsTruncated><Quantity>{count}</Quantity>{}</DistributionList>",
            maybe("NextMarker", page.next.clone()),
            page.next.is_some(),
            list("Items", "DistributionSummary", items),
        )
    }

    /// The body, or the error code with its status.
    pub(crate) fn s3(&self, request: &Request) -> Option<Result<String, (u16, &'static str)>> {
        let bucket = request.parameters.get("bucket").and_then(|values| values.first()).map(String::as_str);
        let xmlns = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
        Some(match request.operation.as_str() {
            "ListBuckets" => {
                let logs = (0..4).map(|number| format!("shop-logs-{number}"));
                let others = (0..50).map(|number| format!("shop-assets-{number}"));
                let names = logs.chain(["shop-logs-forever".to_owned()]).chain(others);
                let items = names.map(|name| {
                    format!(
                        "<Name>{name}</Name><CreationDate>2025-01-01T00:00:00.000Z</CreationDate>\
                         <BucketRegion>{REGION}</BucketRegion>"
                    )
                });
                Ok(format!(
                    "<ListAllMyBucketsResult {xmlns}><Owner><ID>{ACCOUNT}</ID></Owner>{}</ListAllMyBucketsResult>",
                    list("Buckets", "Bucket", items)
                ))
            }
            "GetPublicAccessBlock" => {
                let settings =
                    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
                let settings: String = settings.iter().map(|name| tag(name, true)).collect();
                Ok(format!(
                    "<PublicAccessBlockConfiguration {xmlns}>{settings}</PublicAccessBlockConfiguration>"
                ))
            }
            // Load balancers log to buckets of the account or to none.
            "GetBucketLocation" => Err((404, "NoSuchBucket")),
            "GetBucketLifecycleConfiguration" if bucket == Some("shop-logs-forever") => {
                Err((404, "NoSuchLifecycleConfiguration"))
            }
            "GetBucketLifecycleConfiguration" => Ok(format!(
                "<LifecycleConfiguration {xmlns}><Rule><ID>end</ID><Filter><Prefix></Prefix></Filter>\
                 <Status>Enabled</Status><Expiration><Days>365</Days></Expiration></Rule></LifecycleConfiguration>"
            )),
            _ => return None,
        })
    }
}

fn distribution(balancer: usize) -> String {
    let origin = format!(
        "<Id>alb</Id><DomainName>{}</DomainName><OriginPath></OriginPath>\
         <CustomHeaders><Quantity>0</Quantity></CustomHeaders><CustomOriginConfig><HTTPPort>80</HTTPPort>\
         <HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>https-only</OriginProtocolPolicy></CustomOriginConfig>\
         <ConnectionAttempts>3</ConnectionAttempts><ConnectionTimeout>10</ConnectionTimeout>",
        balancing::dns_name(balancer)
    );
    let id = format!("E{}", hash(balancer).to_uppercase());
    format!(
        "<Id>{id}</Id><ARN>arn:aws:cloudfront::{ACCOUNT}:distribution/{id}</ARN><Status>Deployed</Status>\
         <LastModifiedTime>2025-01-01T00:00:00Z</LastModifiedTime><DomainName>d{balancer}.cloudfront.net</DomainName>\
         <Aliases><Quantity>1</Quantity><Items><CNAME>shop-{balancer}.example.com</CNAME></Items></Aliases>\
         <Origins><Quantity>1</Quantity>{}</Origins><OriginGroups><Quantity>0</Quantity></OriginGroups>\
         <DefaultCacheBehavior><TargetOriginId>alb</TargetOriginId>\
         <ViewerProtocolPolicy>redirect-to-https</ViewerProtocolPolicy></DefaultCacheBehavior>\
         <CacheBehaviors><Quantity>0</Quantity></CacheBehaviors>\
         <CustomErrorResponses><Quantity>0</Quantity></CustomErrorResponses><Comment></Comment>\
         <PriceClass>PriceClass_All</PriceClass><Enabled>true</Enabled>\
         <ViewerCertificate><CloudFrontDefaultCertificate>false</CloudFrontDefaultCertificate>\
         <SSLSupportMethod>sni-only</SSLSupportMethod><MinimumProtocolVersion>TLSv1.2_2021</MinimumProtocolVersion></ViewerCertificate>\
         <Restrictions><GeoRestriction><RestrictionType>none</RestrictionType><Quantity>0</Quantity></GeoRestriction>\
         </Restrictions><WebACLId></WebACLId><HttpVersion>http2</HttpVersion><IsIPV6Enabled>true</IsIPV6Enabled>\
         <Staging>false</Staging>",
        list("Items", "Origin", [origin]),
    )
}

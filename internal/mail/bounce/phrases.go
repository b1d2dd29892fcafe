package bounce

import "regexp"

// phrases tell a kind by the words of many servers. They are looked through in order, as words of an earlier line
// often stand beside words of a later one: "user unknown, mailbox over quota". The text is in small letters, without
// links, with "@" for addresses.
var phrases = []struct {
	kind  Kind
	words *regexp.Regexp
}{
	{MailboxFull, regexp.MustCompile(`over ?quota|quota (?:exceed|violation|is full|has been exceed)|(?:exceed\w*|beyond|out of|reached|disk) (?:\w+ ){0,3}quota|` +
		`(?:mail ?box|inbox|mail ?folder|account|user|mail ?drop|maildir|boite|postfach|buz[oó]n|casella) ?(?:\w+ ){0,3}(?:is |are |has been )?(?:full|pleine|voll|lleno|piena)|` +
		`mailbox (?:size )?limit|exceed\w* (?:\w+ ){0,3}(?:storage|mailbox|allowed size|message storage)|storage (?:allocation|quota|limit)|` +
		`(?:not enough|insufficient|no) (?:\w+ ){0,2}(?:storage|disk) space (?:in|for|available for) (?:\w+ )?(?:mailbox|user|recipient)|too much mail data|` +
		`user has (?:too many messages|exhausted)|mailbox exceeds|max(?:imum)? (?:\w+ )?mailbox|not enough disk space (?:for|left)|` +
		`メールボックス(?:が|の)(?:一杯|容量)|容量(?:を)?(?:超|オーバー)|переполнен|邮箱(?:已满|空间不足)`)},
	{Auth, regexp.MustCompile(`\bdmarc\b|\bspf\b|\bdkim\b|sender policy framework|unauthenticated|authentication information|not authenticated|` +
		`sender[ -]?id |authentication[- ](?:checks? )?(?:fail|require)|fails? (?:\w+ )?authentication|authentication failed due to|arc[- ]?seal`)},
	{Spam, regexp.MustCompile(`\bspam(?:ming|mer|my)?\b|spam ?(?:detect|content|score|like)|\bube\b|\buce\b|unsolicited|junk mail|bulk (?:e-?mail|mail)|\bvirus|malware|` +
		`(?:content|message|mail) (?:was |is |has been )?(?:rejected|blocked|identified) (?:as|by|due to) (?:\w+ ){0,3}(?:content|spam|filter)|message content rejected|phishing|` +
		`looks like spam|suspicious|prohibited content|infected|bayes|high spam`)},
	{TooBig, regexp.MustCompile(`(?:message|mail|data|file)(?: size| length)? (?:is )?(?:too (?:big|large|long)|exceed)|size (?:exceeds|limit)|exceed\w* (?:\w+ ){0,4}(?:message )?size|` +
		`too (?:big|large) (?:message|for)|max(?:imum)? message size|message header size|size of (?:the )?message|larger than (?:the )?(?:current |maximum )?`)},
	{HostUnknown, regexp.MustCompile(`host unknown|host \S+ not found|dns lookup failure|the account or domain may not exist|couldn't find a mail exchanger|unknown host|host (?:or domain )?name not found|no such (?:domain|host)|domain (?:name )?not found|` +
		`(?:domain|host|name) (?:\S+ )?(?:does not|doesn't) (?:exist|resolve)|nxdomain|unrouteable (?:mail )?domain|unrouteable address|` +
		`no mx (?:record|host)|null mx|nullmx|mx records? (?:\w+ ){0,4}(?:point|non-?exist|not found)|(?:host|domain|system|server) (?:\S+ )?(?:does not|doesn't|not) (?:accept|receive|accepting) (?:\w+ )?(?:e?mail|network|messages)|` +
		`(?:couldn't|could not|can't|cannot|unable to) (?:find|resolve|lookup|look up)(?: any| a| the)? (?:\w+ )?(?:host|domain|route|mx)|bad destination (?:system|host)|domain is not (?:hosted|valid|reachable)|` +
		`illegal host|invalid (?:domain|host)|unknown domain|domain unknown|no route to (?:host|domain)s? ?name|name service error|name or service not known|` +
		`domain must exist|domain of recipient|host not found|this domain is not|all hosts for .{0,80} have been failing|dns error: .{0,40}lookup|no a or mx|bad host|host/domain does not|could not be resolved`)},
	{Disabled, regexp.MustCompile(`(?:account|mailbox|user|recipient|address|email)\S* (?:\S+ ){0,4}(?:disabled|suspended|inactive|frozen|deactivated|expired|locked|blocked|not active|over the limit|on hold|unavailable for)|` +
		`disabled (?:recipient|user|mailbox|account|address)|inactive (?:user|account|mailbox)|(?:mailbox|account) (?:is )?(?:currently )?(?:suspend|disabl)|not accepting (?:any )?(?:messages|mail)|temporarily (?:disabled|suspended)|` +
		`has been (?:suspended|disabled|discontinued|deactivated)|is a deactivated|user suspend|account closed|recipient suspend|sent to a suspended|domain (?:is )?(?:suspended|disabled)|no longer (?:receiving|accepting)|vdelivermail: account is locked`)},
	{Blocked, regexp.MustCompile(`black ?-?list|block ?-?list|deny ?list|\brbl\b|\bdnsbl\b|spamhaus|spamcop|barracuda|\bblocked\b|\bbanned\b|\bblock(?:ed)? (?:using|by|for)|reputation|access (?:is )?denied|` +
		`client host rejected|\bptr\b|reverse dns|\brdns\b|reverse (?:lookup|hostname|address|mapping)|ip name lookup failed|name lookup failed|unverify?able sending|cannot find your|your (?:ip|host|server|mail server|domain|network)\b|` +
		`rate limit|(?:throttl|grey ?-?list|gray ?-?list)|too many (?:connection|session|message|recipient|mail|concurrent|e-?mails)|(?:connection|frequency|sending|hourly|daily)s? (?:rate )?limit|limit exceeded|unexpected volume|user complaints|temporarily deferred|` +
		`sender (?:\S+ )?(?:is |was |address )?(?:rejected|denied|not allowed|invalid|unknown|verify|blocked|not exist)|domain of sender|from (?:address|domain)|mail from|envelope from|purported|no access from|open relay|not (?:allowed|permitted|authorized|authorised) to (?:send|connect|relay|deliver)|` +
		`poli[ct]y|refused by|refused to talk|denied by|delivery not (?:authorized|allowed)|not authorized|security (?:reason|polic|violation)|permission denied|administrative(?:ly)? (?:prohibit|reject)|protocol violation|rfc ?\d+|compli\w+ with|` +
		`multiple addresses in from|header (?:is )?(?:missing|invalid|malform)|improper use|not accepted for|relay(?:ing)? (?:access )?(?:denied|not|prohibit)|unable to relay|we do not relay|relay not|not permitted|` +
		`you (?:may not|cannot|are not allowed)|service refus|prohibited|not welcome|go away|message (?:was )?(?:rejected|refused|blocked)|rejected (?:by|due|for|for policy)|ip address`)},
	{UserUnknown, regexp.MustCompile(`(?:user|recipient|mailbox|account|address|addressee|alias|destination|name)s?(?: @)?:? ?(?:\S+ ){0,3}(?:unknown|not (?:be )?(?:found|known|exist|recognized|listed|valid|available here|a valid)|(?:does ?n.t|does not|do not|did not|don't) (?:appear to )?(?:exist|have|match)|invalid|invalide|inconnu|doesnt exist|desconocido|unbekannt|has moved|no longer (?:here|exist|valid|available|in use)|undeliverable|unavailable)|` +
		`(?:unknown|no such|invalid|bad|non-?exist\w*|illegal|unrecognized|unavailable|nonexistent|not a valid|incorrect|wrong) (?:\w+ ){0,2}(?:user|recipient|mailbox|account|address|alias|local|person|e?mail|member|subscriber|destination|name|virtual|addressee)|` +
		`(?:user|address|recipient|mailbox)s? (?:\S+ ){0,5}(?:rejected|unknown|not found|n'existe pas|existiert nicht)|address rejected|not our customer|isn't in my list|no mailbox (?:here )?(?:by that|currently|found)|there is no one|no one (?:at|by)|` +
		`account (?:that )?you tried to reach does not|couldn't be found|could not be found|recipnotfound|not listed in|not a (?:known|valid|local|registered)|is not (?:known|found|recognized|a known)|no valid recipients|unknown (?:or illegal )?alias|unroutable address|` +
		`has moved|no longer (?:with|at|valid|exists|works|employed)|r[ée]cipient.{0,20}(?:invalide|inconnu)|destinataire.{0,30}(?:invalide|inconnu)|adresse.{0,40}(?:invalide|inconnue|existe pas)|имя ящика|нет такого|(?:邮箱|用户|收件人|郵箱)不存在|見つかりません|存在しません|user_unknown|user not exist|does not have an? .{0,30}account|(?:is|are) not (?:in|on) (?:the|our) |has been removed`)},
	{Temporary, regexp.MustCompile(`time(?:d)? ?-?out|connection (?:refused|reset|closed|lost|dropped|failed|was|timed)|deferred|retry|expired|giving up|try again|temporar|unable to (?:connect|establish|contact|deliver)|wasn't able to (?:establish|connect)|` +
		`could(?: not|n't) (?:connect|deliver|be delivered|complete)|did not accept our requests|host not reachable|no route|network|unreachable|too many hops|loop|system error|internal (?:server )?error|` +
		`service (?:currently |temporarily )?(?:un|not )available|insufficient|resources|server (?:error|busy|configuration|down)|not responding|delay|queue|out of memory|lost connection|disk full|system (?:not|full|resource|storage)|local error|configuration error|i/o error|tls|handshake|certificate|undeliverable for|within \d+ (?:hours|days)|cannot send message for|try later|routing|bounced|command died|can't create|mailer error|exit (?:status|code)|child (?:status|crashed)`)},
}

// filtered are words of a recipient's own filter.
var filtered = regexp.MustCompile(`message filtered|recipient (?:refus|reject)|refused by (?:the )?recipient|rejected by (?:the )?recipient|because the recipient|only accept|not (?:on|in) (?:the )?(?:white|allow)|user (?:reject|refus)|due to (?:\w+ )?(?:extended )?inactivity|whitelist`)

// kddiFilters is how KDDI's servers answer after DATA for a mailbox that is there and filters: as if it were unknown, but
// without the address that its answer to RCPT has.
var kddiFilters = regexp.MustCompile(`^(?:550 )?(?:\S*: )?: user unknown`)

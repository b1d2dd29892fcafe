package bounce

import "regexp"

// aboutSender are words about the envelope sender or the sending machine, which hold the same nouns and verbs as those
// about a recipient: "domain of sender address does not exist".
var aboutSender = regexp.MustCompile(`sender address rejected|domain of sender|sender(?:'s)? (?:\S+ ){0,2}(?:domain|verif\w+|verify)|sender verify failed|verif(?:y|ication) (?:\w+ )?(?:failed )?(?:for|of) (?:the )?sender|` +
	`(?:cannot|can't|could ?n.t|unable to) (?:find|resolve) your|client host rejected|helo command rejected|(?:envelope|return|bounce|mail from) (?:sender|path|address|domain)|bad ?mail ?from|` +
	`(?:invalid|unknown|illegal|bad|unresolvable) (?:sender|from|helo|return)|from domain|your (?:domain|host ?name|address) (?:\S+ ){0,3}(?:not (?:exist|resolve|found)|unknown|invalid)`)

// nameTrouble are words of a name server that did not answer, which says nothing of whether the domain is there.
var nameTrouble = regexp.MustCompile(`not found, try again|temporary (?:failure|error) in name resolution|(?:name|dns|mx|host)\S* (?:\S+ )?(?:lookup|resolution|query|server) (?:\S+ )?(?:timed? ?out|temporar\w+|deferred|did not)|` +
	`lookup failed temporarily|servfail|server failure|dns (?:soft|timeout|temporary)|lookup of .{1,80} (?:deferred|failed temporarily)`)

// noSuch are words that say plainly that there is no such mailbox. They count over words of policy that stand beside them,
// such as "access denied", unless these name a list, a reputation or the sending machine.
var noSuch = regexp.MustCompile(`\b(?:user|recipient|mailbox|addressee|account|alias|local ?part|address)(?: name| address| account)?(?: @)?(?: is| was)? ?(?:currently )?(?:unknown|not found|not known)\b|` +
	`\b(?:user|recipient|mailbox|addressee|account|address)(?: \S+){0,2} (?:does not|doesn't|doesn.t|did not|do not) exist|\bno such (?:user|mailbox|recipient|person|account|address|addressee|local|email)|` +
	`\bunknown (?:user|recipient|mailbox|addressee|local|account|alias)|\bnon-?exist(?:ent|ing) (?:user|recipient|mailbox|account|address)|(?:mailbox|recipient|user|address) unavailable or access denied|` +
	`\bno mailbox (?:here )?by that name|recip(?:ient)?notfound|does not have an? \S{0,30} ?account|doesn't have an? \S{0,40} ?account|user_unknown|not (?:listed )?in (?:\S+ ){0,2}(?:name & address book|domino directory)|nicht im \S{0,30}verzeichnis`)

// namesUs are words of policy that leave no doubt.
var namesUs = regexp.MustCompile(`black ?-?list|block ?-?list|deny ?list|\brbl\b|\bdnsbl\b|spamhaus|spamcop|barracuda|reputation|your (?:ip|mail server|server|host|network)|\bbanned\b|poli[ct]y|grey ?-?list|gray ?-?list|relay|rate limit|throttl|too many`)

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
		`(?:cheia|cheio|pełna|pełen|vol\b|fuld|fullt|täynnä|plná|megtelt|dolu|заполнен)(?:$|[^a-z])|(?:bo[iî]te|postfach|buz[oó]n|casella|caixa|skrzynka|postvak|mailbox|postboks) .{0,40}(?:pleine|voll|lleno|piena|cheia|pełna|vol\b|full)|out of (?:storage|disk) space|メールボックス(?:が|の)(?:一杯|容量)|容量(?:を)?(?:超|オーバー)|переполнен|邮箱(?:已满|空间不足)`)},
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
		`illegal host|indicated no smtp service|no route found to domain|domaine inconnu|域名不存在|(?:domain|domäne|domaine|dominio|domínio|domein|host|hôte) .{0,80}(?:existiert nicht|nicht gefunden|unbekannt|inconnu|introuvable|n'existe pas|no existe|desconocid|non esiste|sconosciut|não existe|bestaat niet|onbekend|не найден|не существует)|` +
		`invalid (?:domain|host)|unknown domain|domain unknown|no route to (?:host|domain)s? ?name|name service error|name or service not known|` +
		`domain must exist|domain of recipient|host not found|this domain is not|dns error: .{0,40}lookup|no a or mx|bad host|host/domain does not|could not be resolved`)},
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
		`has moved|no longer (?:with|at|valid|exists|works|employed)|r[ée]cipient.{0,20}(?:invalide|inconnu)|destinataire.{0,30}(?:invalide|inconnu)|adresse.{0,40}(?:invalide|inconnue|existe pas)|` +
		`(?:benutzer|empf(?:ä|ae)nger|postfach|adressat|teilnehmer|adresse) .{0,60}(?:unbekannt|existiert nicht|nicht gefunden|nicht bekannt|nicht vorhanden|ungültig|nicht im)|unbekannte[rns]? (?:benutzer|empf(?:ä|ae)nger|adress|teilnehmer|postfach)|kein (?:solcher|solches) (?:benutzer|empfänger|postfach)|` +
		`(?:utilisateur|destinataire|adresse|bo[iî]te|compte) .{0,60}(?:inconnu|introuvable|invalide|n'existe (?:pas|plus)|inexistant|n'est pas répertorié)|(?:usuario|destinatario|dirección|buzón|cuenta) .{0,60}(?:desconocid|no existe|inexistente|no encontrad|no válid)|` +
		`(?:utente|destinatario|indirizzo|casella|account) .{0,60}(?:sconosciut|non esiste|inesistente|non trovat|non valid)|(?:usuário|utilizador|destinatário|endereço|conta|caixa) .{0,60}(?:desconhecid|não existe|inexistente|não encontrad|inválid)|` +
		`(?:gebruiker|ontvanger|adres|postvak) .{0,60}(?:onbekend|bestaat niet|niet gevonden)|onbekende (?:gebruiker|ontvanger)|(?:użytkownik|odbiorca|adres|konto) .{0,60}(?:nieznan|nie istnieje|nie znaleziono)|nieznany (?:użytkownik|odbiorca|adres)|` +
		`ismeretlen (?:felhasználó|címzett)|(?:uživatel|adresát|příjemce) .{0,60}(?:neexistuje|neznám|nenalezen)|(?:användare|mottagare|bruker|mottaker|bruger|modtager)\S* .{0,60}(?:okänd|ukjent|ukendt|finns inte|finnes ikke|findes ikke)|` +
		`(?:kullanıcı|alıcı) .{0,40}(?:bulunamadı|yok|bilinmiyor)|(?:пользовател|получател|адресат|ящик|адрес)\S* .{0,60}(?:не найден|не существует|нет\b|неизвест|отсутствует|не зарегистрирован)|неизвестный (?:пользователь|получатель)|` +
		`(?:用户|用戶|收件人|邮箱|郵箱|帐号|账号).{0,12}(?:不存在|未找到|无效|未知|找不到)|(?:ユーザー?|宛先|メールアドレス|アカウント|受信者).{0,20}(?:存在し|見つかり|不明|ありません)|(?:사용자|수신자).{0,12}(?:없|존재하지)|` +
		`имя ящика|нет так(?:ого|ой)|так(?:ого|ой) (?:пользовател|адрес|ящик)\S* нет|such (?:person|member)|account not available|could not be located|not our (?:user|customer)|user not local|recipient cannot be verified|(?:邮箱|用户|收件人|郵箱)不存在|見つかりません|存在しません|user_unknown|user not exist|does not have an? .{0,30}account|(?:is|are) not (?:in|on) (?:the|our) |has been removed`)},
	{Temporary, regexp.MustCompile(`delivery failed \d+ attempts|time(?:d)? ?-?out|connection (?:refused|reset|closed|lost|dropped|failed|was|timed)|deferred|retry|expired|giving up|try again|temporar|unable to (?:connect|establish|contact|deliver)|wasn't able to (?:establish|connect)|` +
		`could(?: not|n't) (?:connect|deliver|be delivered|complete)|did not accept our requests|host not reachable|no route|network|unreachable|too many hops|loop|system error|internal (?:server )?error|` +
		`service (?:currently |temporarily )?(?:un|not )available|insufficient|resources|server (?:error|busy|configuration|down)|not responding|delay|queue|out of memory|lost connection|disk full|system (?:not|full|resource|storage)|local error|configuration error|i/o error|tls|handshake|certificate|undeliverable for|within \d+ (?:hours|days)|cannot send message for|try later|routing|bounced|command died|can't create|mailer error|exit (?:status|code)|child (?:status|crashed)`)},
}

// filtered are words of a recipient's own filter.
var filtered = regexp.MustCompile(`message filtered|recipient (?:refus|reject)|refused by (?:the )?recipient|rejected by (?:the )?recipient|because the recipient|only accept|not (?:on|in) (?:the )?(?:white|allow)|user (?:reject|refus)|due to (?:\w+ )?(?:extended )?inactivity|whitelist`)

// kddiFilters is how KDDI's servers answer after DATA for a mailbox that is there and filters: as if it were unknown, but
// without the address that its answer to RCPT has.
var kddiFilters = regexp.MustCompile(`^(?:550 )?(?:\S*: )?: user unknown`)

package bounce

import "testing"

// What mail systems write when they give up: each line is one answer as the system words it, alone in a report for people.
// None is from the bounces that stand beside the project.
func TestWordsOfManySystems(t *testing.T) {
	for _, tc := range []struct {
		want Kind
		said []string
	}{
		{UserUnknown, []string{
			"550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command)",
			"550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in relay recipient table (in reply to RCPT TO command)",
			"550 <anna@example.org>: Recipient address rejected: undeliverable address: host mx.example.org[192.0.2.1] said: 550 5.1.1 unknown user (in reply to RCPT TO command)",
			"unknown user: \"anna\"",
			"550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces. (in reply to RCPT TO command)",
			"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
			"#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##",
			"#550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found ##",
			"550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [DB5EUR01FT032.eop-EUR01.prod.protection.outlook.com]",
			"550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). (in reply to RCPT TO command)",
			"550 Requested action not taken: mailbox unavailable (in reply to RCPT TO command)",
			"The recipient name is not recognized\n\tThe MTS-ID of the original message is: c=us;a= ;p=org;l=HOST-031021\n\tMSEXCH:IMS:Org:SITE:HOST 0 (000C05A6) Unknown Recipient",
			"The e-mail address you entered couldn't be found. Please check the recipient's e-mail address and try to resend the message.",
			"Your message wasn't delivered to anna@example.org because the address couldn't be found, or is unable to receive mail.",
			"Sorry, no mailbox here by that name. (#5.1.1)",
			"Sorry, no mailbox here by that name. vpopmail (#5.1.1)",
			"550 sorry, no mailbox here by that name (#5.1.1 - chkuser)",
			"user does not exist, but will deliver to /dev/null",
			"550 unknown local part anna in <anna@example.org> (after RCPT TO:<anna@example.org>)",
			"SMTP error from remote mail server after RCPT TO:<anna@example.org>: host mx.example.org [192.0.2.1]: 550 No Such User Here",
			"SMTP error from remote mail server after RCPT TO:<anna@example.org>: 550-Callout verification failed:\n550 550 5.1.1 <anna@example.org> User unknown",
			"550 5.1.1 <anna@example.org>... User unknown (in reply to RCPT TO command)",
			"User anna (anna@example.org) not listed in Domino Directory",
			"User anna (anna@example.org) not listed in public Name & Address Book",
			"anna@example.org User not listed in Domino Directory",
			"User anna.li (anna@example.org) nicht im Domino-Verzeichnis aufgeführt",
			"L'utilisateur anna (anna@example.org) n'est pas répertorié dans l'annuaire Domino",
			"Unknown user: anna@example.org",
			"Invalid final delivery userid: anna@example.org",
			"550 User <anna@example.org> unknown (in reply to RCPT TO command)",
			"550 User unknown. (in reply to RCPT TO command)",
			"550 5.1.1 No such user here (in reply to RCPT TO command)",
			"550 5.1.1 Addressee unknown, relay=[192.0.2.1]",
			"550 Mailbox unavailable or access denied - <anna@example.org> (in reply to RCPT TO command)",
			"550 5.1.1 unknown or illegal alias: anna@example.org",
			"550 Invalid recipient: <anna@example.org> (in reply to RCPT TO command)",
			"550 5.1.1 Invalid address: account does not exist (in reply to RCPT TO command)",
			"550 Message was not accepted -- invalid mailbox.  Local mailbox anna@example.org is unavailable: user not found (in reply to RCPT TO command)",
			"550 Account not available (in reply to RCPT TO command)",
			"550 5.1.1 Mailbox does not exist! (in reply to RCPT TO command)",
			"550 5.1.0 Address rejected. (in reply to RCPT TO command)",
			"550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. LPN416 (in reply to RCPT TO command)",
			"550 5.5.0 Adresse d au moins un destinataire invalide. (in reply to RCPT TO command)",
			"550 Unbekannter Empfaenger (in reply to RCPT TO command)",
			"550 Empfänger unbekannt (in reply to RCPT TO command)",
			"550 Der Benutzer existiert nicht (in reply to RCPT TO command)",
			"550 Benutzer unbekannt / user unknown (in reply to RCPT TO command)",
			"550 Usuario desconocido (in reply to RCPT TO command)",
			"550 El usuario no existe (in reply to RCPT TO command)",
			"550 Utente sconosciuto (in reply to RCPT TO command)",
			"550 L'utente non esiste (in reply to RCPT TO command)",
			"550 Usuário inexistente (in reply to RCPT TO command)",
			"550 Usuário não encontrado (in reply to RCPT TO command)",
			"550 Destinataire inconnu (in reply to RCPT TO command)",
			"550 Utilisateur inconnu ! (in reply to RCPT TO command)",
			"550 Gebruiker onbekend (in reply to RCPT TO command)",
			"550 Onbekende gebruiker (in reply to RCPT TO command)",
			"550 Użytkownik nieznany (in reply to RCPT TO command)",
			"550 Ismeretlen felhasználó (in reply to RCPT TO command)",
			"550 Такого пользователя нет (in reply to RCPT TO command)",
			"550 Пользователь не найден (in reply to RCPT TO command)",
			"550 5.1.1 用户不存在",
			"550 Mailbox not found. 用户未找到 (in reply to RCPT TO command)",
			"550 ユーザーが存在しません (in reply to RCPT TO command)",
			"宛先のメールアドレスが見つかりません",
			"550 5.1.1 recipient rejected: unknown address (in reply to RCPT TO command)",
			"550 5.1.6 recipient no longer on server: anna@example.org",
			"551 5.1.6 User has moved; please try <anna@example.net> (in reply to RCPT TO command)",
			"554 5.1.1 Recipient <anna@example.org> does not exist here",
			"550 anna@example.org is not a known user (in reply to RCPT TO command)",
			"550 5.1.1 anna@example.org is not a valid mailbox",
			"550 5.1.1 This address is no longer in use (in reply to RCPT TO command)",
			"550 5.1.1 anna is no longer employed here (in reply to RCPT TO command)",
			"550 5.1.1 This person no longer works at Example",
			"550 RCPT TO:<anna@example.org> User unknown; rejecting",
			"511 sorry, no mailbox here by that name (#5.1.1 - chkuser)",
			"550 #5.1.0 Address rejected anna@example.org (in reply to RCPT TO command)",
			"550 Rejected: the recipient's account could not be located (in reply to RCPT TO command)",
			"550 5.0.0 No such person at this address (in reply to RCPT TO command)",
			"550 Recipient not found. <anna@example.org> (in reply to RCPT TO command)",
			"550 5.1.1 sorry, no such mailbox (in reply to RCPT TO command)",
			"550 [SUSPEND] Mailbox currently unknown: no such mailbox (in reply to RCPT TO command)",
			"550 user.name@example.org: no thank you rejected: Account Unavailable: Possible Forgery: no such user (in reply to RCPT TO command)",
			"550 MAILBOX NOT FOUND (in reply to RCPT TO command)",
			"550 Address invalid (in reply to RCPT TO command)",
			"550 5.1.1 The user does not exist (in reply to RCPT TO command)",
			"550 RCP-P1 Recipient does not exist (in reply to RCPT TO command)",
			"551 not our user (in reply to RCPT TO command)",
			"550 The recipient cannot be verified. Please check all recipients of this message to verify they are valid. (in reply to RCPT TO command)",
			"550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [abc] (in reply to RCPT TO command)",
			"550 5.1.1 <anna@icloud.com>: user does not exist (in reply to RCPT TO command)",
		}},
		{HostUnknown, []string{
			"Sorry, I couldn't find any host named example.org. (#5.1.2)",
			"Sorry, I couldn't find a mail exchanger or IP address for that domain. (#5.1.2)",
			"Host or domain name not found. Name service error for name=example.org type=A: Host not found",
			"Host or domain name not found. Name service error for name=mx.example.org type=AAAA: Host found but no data record of requested type",
			"Domain example.org does not accept mail (nullMX)",
			"556 5.1.10 Domain example.org does not accept mail",
			"550 5.1.2 <anna@example.org>... Host unknown (Name server: example.org: host not found)",
			"550 Host unknown",
			"all relevant MX records point to non-existent hosts",
			"an MX or SRV record indicated no SMTP service",
			"Unrouteable address",
			"Unknown host: example.org",
			"No MX found for domain: domain does not exist",
			"DNS Error: Domain name not found",
			"DNS Error: 1234 DNS type 'mx' lookup of example.org responded with code NXDOMAIN Domain name not found: example.org",
			"Your message wasn't delivered to anna@example.org because the domain example.org couldn't be found. Check for typos or unnecessary spaces and try again.",
			"No route found to domain EXAMPLE.ORG from server MAIL/ORG. Check Server, Connection and Domain documents in Domino Directory.",
			"550 5.4.4 [internal] no MX or A for domain",
			"550 5.1.2 Bad destination host 'DNS Hard Error looking up example.org (MX): NXDomain'",
			"5.1.2 - Bad destination host 'DNS Hard Error looking up example.org (MX): NXDomain'",
			"Der Host example.org ist unbekannt",
			"Domaine inconnu",
			"Die Domain example.org existiert nicht",
			"550 5.4.310 DNS domain example.org does not exist [Message=InfoDomainNonexistent] [LastAttemptedServerName=example.org]",
		}},
		{MailboxFull, []string{
			"552 5.2.2 Mailbox size limit exceeded (in reply to RCPT TO command)", "452 4.2.2 The email account that you tried to reach is over quota.",
			"550 5.2.2 STOREDRV.Deliver; mailbox full. The following information should help", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
			"mail for anna is over quota", "User mailbox exceeds allowed size: anna@example.org", "mailbox is full: retry timeout exceeded",
			"552 Requested mail action aborted: exceeded storage allocation", "La boîte du destinataire est pleine", "Das Postfach des Empfängers ist voll",
			"El buzón del destinatario está lleno", "La casella del destinatario è piena", "A caixa postal do destinatário está cheia", "Skrzynka odbiorcy jest pełna", "554 Delivery error: mailbox quota exceeded",
			"550 5.2.2 <anna@example.org>: user is overquota", "The recipient's inbox is out of storage space", "452 <anna@example.org> Mailbox is full / Blz dolu", "552 Message size exceeds available mailbox space: quota",
		}},
		{Disabled, []string{
			"550 5.2.1 The email account that you tried to reach is disabled.", "554 delivery error: dd Sorry your message to anna@yahoo.com cannot be delivered. This account has been disabled or discontinued [#102].",
			"525 5.7.13 Disabled recipient address (in reply to RCPT TO command)", "550 5.2.1 account is locked", "550 Mailbox is inactive (in reply to RCPT TO command)", "550 account suspended", "550 Mailaddress is administratively disabled.",
		}},
		{Blocked, []string{
			"550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using Spamhaus (in reply to RCPT TO command)",
			"554 5.7.1 <192.0.2.1>: Client host rejected: Access denied (in reply to RCPT TO command)",
			"550 5.1.8 <b@bounces.example>: Sender address rejected: Domain not found (in reply to RCPT TO command)",
			"450 4.1.8 <b@bounces.example>: Sender address rejected: Domain not found (in reply to RCPT TO command)",
			"553 5.1.8 <b@bounces.example>... Domain of sender address b@bounces.example does not exist",
			"550 Verification failed for <b@bounces.example>\nUnrouteable address\nSender verify failed (in reply to RCPT TO command)",
			"550 5.7.1 Unable to relay for anna@example.org", "554 5.7.1 <anna@example.org>: Relay access denied (in reply to RCPT TO command)",
			"450 4.2.0 <anna@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example (in reply to RCPT TO command)",
			"421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
			"550 5.7.1 Message rejected due to local policy", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "550 5.7.1 Recipient not authorized, your IP has been found on a block list",
			"550 Blocked: your mail server is on our blacklist; the user unknown@example.org asked so", "550 5.1.1 Access denied: your IP address is blacklisted (in reply to RCPT TO command)",
			"554 5.7.1 You are not allowed to send mail to this user", "550 Client host rejected: cannot find your hostname, [192.0.2.1]",
			"550 permanent failure: sender domain does not exist (in reply to MAIL FROM command)", "553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)",
		}},
		{Spam, []string{
			"554 5.7.1 The message was rejected because it contains prohibited virus or spam content", "550 5.7.1 Our system has detected that this message is likely unsolicited mail.",
			"554 5.7.1 Message rejected as spam by Content Filtering.", "550 High probability of spam", "550 This message was classified as SPAM and may not be delivered; user unknown to our whitelist",
		}},
		{Auth, []string{
			"550 5.7.26 This mail has been blocked because the sender is unauthenticated.", "550 5.7.1 SPF check failed: user unknown to SPF record", "550 5.7.515 Access denied, sending domain example does not meet the required authentication level (DMARC)",
		}},
		{Temporary, []string{
			"Connection timed out", "connect to mx.example.org[192.0.2.1]:25: Connection refused", "retry timeout exceeded", "451 4.3.0 Temporary system problem", "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)",
			"mail for example.org loops back to myself", "554 5.4.6 Too many hops", "Delivery failed 20 attempts: anna@example.org", "Host or domain name not found. Name service error for name=example.org type=MX: Host not found, try again",
			"retry time not reached for any host after a long failure period", "CNAME lookup failed temporarily. (#4.4.3) I'm not going to try again; this message has been in the queue too long.",
			"Command died with status 127: \"/usr/bin/procmail\". Command output: sh: procmail: not found", "Message could not be delivered for 5 days\nMessage will be deleted from queue",
			"all hosts for 'example.org' have been failing for a long time (and retry time not reached)",
		}},
	} {
		hard := tc.want == UserUnknown || tc.want == HostUnknown
		for _, said := range tc.said {
			raw := "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n\nThis is the mail system. I could not deliver your message.\n\n<anna@example.org>:\n" + said + "\n"
			r := Parse([]byte(raw))
			if len(r.Records) != 1 {
				t.Errorf("%q: %d records", said, len(r.Records))
				continue
			}
			if r.Records[0].Hard != hard {
				t.Errorf("%q: %s, hard %v, want %s", said, r.Records[0].Kind, r.Records[0].Hard, tc.want)
			}
		}
	}
}

// How mail systems lay out what they send back when it is no notification for programs.
func TestLayoutsOfManySystems(t *testing.T) {
	for _, tc := range []struct {
		name, raw string
		to        string
		hard      bool
	}{
		{"Apache James", "From: postmaster@james.example\nSubject: Re: News\n\nHi. This is the James mail server at james.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.  Below\nI include the list of recipients and the reason why I was unable to deliver\nyour message.\n\nFailed recipient(s):\nanna@example.org\n\nError message:\n550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown\n", "anna@example.org", true},
		{"Biglobe", "From: postmaster@biglobe.example\nSubject: Returned mail: Host unknown\n\n   ----- The following addresses had delivery problems -----\nanna@example.org\n   ----- Non-delivered information -----\nUser unknown.\n", "anna@example.org", true},
		{"Biglobe, full", "From: postmaster@biglobe.example\nSubject: Returned mail\n\n   ----- The following addresses had delivery problems -----\nanna@example.org\n   ----- Non-delivered information -----\nThe number of messages in recipient's mailbox exceeded the local limit.\n", "anna@example.org", false},
		{"MailMarshal", "From: postmaster@marshal.example\nSubject: Undeliverable Mail: News\n\nYour message:\n   From:    letters@journal.example\n   Subject: News\nCould not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected:\n    anna@example.org\n", "anna@example.org", true},
		{"InterScan", "From: mailer-daemon@scan.example\nSubject: Mail could not be delivered\n\nSent <<< RCPT TO:<anna@example.org>\nReceived >>> 550 5.1.1 <anna@example.org>... user unknown\n\nUnable to deliver message to <anna@example.org>\n", "anna@example.org", true},
		{"IMail", "From: Postmaster <postmaster@imail.example>\nSubject: Undeliverable Mail\nX-Mailer: <SMTP32 v8.22>\n\nUnknown user: anna@example.org\n\n\nOriginal message follows.\n\nReceived: from mx by imail\n", "anna@example.org", true},
		{"IMail, gives up", "From: Postmaster <postmaster@imail.example>\nSubject: Undeliverable Mail\nX-Mailer: <SMTP32 v8.22>\n\nDelivery failed 20 attempts: anna@example.org\n\n\nOriginal message follows.\n", "anna@example.org", false},
		{"Notes", "From: Mail Router <router@notes.example>\nSubject: DELIVERY FAILURE\n\n------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\nanna@example.org\n\n------- Returned Message --------\n\nNews\n", "anna@example.org", true},
		{"Domino", "From: postmaster@domino.example\nSubject: DELIVERY FAILURE: User anna (anna@example.org) not listed in Domino Directory\n\nYour message\n\n  Subject: News\n\nwas not delivered to:\n\n  anna@example.org\n\nbecause:\n\n  User anna (anna@example.org) not listed in Domino Directory\n", "anna@example.org", true},
		{"Exchange 5.5", "From: System Administrator <postmaster@exchange.example>\nSubject: Undeliverable: News\n\nYour message\n\n  To:      anna@example.org\n  Subject: News\n  Sent:    Mon, 2 Mar 2026 06:00:00 +0100\n\ndid not reach the following recipient(s):\n\nanna@example.org on Mon, 2 Mar 2026 06:00:10 +0100\n    The recipient name is not recognized\n\tThe MTS-ID of the original message is: c=us;a= ;p=org;l=HOST\n    MSEXCH:IMS:Org:SITE:HOST 0 (000C05A6) Unknown Recipient\n", "anna@example.org", true},
		{"Courier", "From: \"Courier mail server at mx.example\" <@>\nSubject: NOTICE: mail delivery status.\n\nThis is a delivery status notification from mx.example,\nrunning the Courier mail server.\n\nUNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<anna@example.org>:\n    mx.example.org [192.0.2.1]:\n>>> RCPT TO:<anna@example.org>\n<<< 550 5.1.1 <anna@example.org>... User Unknown\n", "anna@example.org", true},
		{"SurfControl", "From: postmaster@surf.example\nSubject: Undeliverable\nX-Mailer: SurfControl E-mail Filter\n\nYour message could not be sent.\nA transcript of the attempts to send the message follows.\nThe number of attempts made: 1\nAddressed To: anna@example.org\n\nMon 2 Mar 2026 06:00:00 +0100\nFailed to send to identified host,\nanna@example.org: [192.0.2.5], 421 4.4.1 connection timed out\n", "anna@example.org", false},
		{"X6", "From: postmaster@six.example\nSubject: There was an error sending your mail\n\nWe had trouble delivering your message. Full details follow:\n\nSubject: 'News'\nDate: 'Mon, 2 Mar 2026 06:00:00 +0100'\n\n1 error(s):\n\nSMTP Server <mx.example.org> rejected recipient <anna@example.org>\n  (Error following RCPT command). It responded as follows: [550 5.1.1 <anna@example.org>... User Unknown]\n", "anna@example.org", true},
		{"DragonFly", "From: MAILER-DAEMON <>\nSubject: Mail delivery failed\n\nHi!\n\nThis is the DragonFly Mail Agent v0.13 at df.example.\n\nThere was an error delivering your mail to <anna@example.org>.\n\nmx.example.org [192.0.2.1] did not like our RCPT TO:\n550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown\n\nMessage headers follow.\n", "anna@example.org", true},
		{"OpenSMTPD", "From: Mailer Daemon <MAILER-DAEMON@bsd.example>\nSubject: Delivery status notification: error\n\n    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\nanna@example.org: 550 5.1.1 <anna@example.org>... User Unknown\n\n    Below is a copy of the original message:\n", "anna@example.org", true},
		{"Exim", "From: Mail Delivery System <Mailer-Daemon@exim.example>\nX-Failed-Recipients: anna@example.org\nAuto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender\n\nThis message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  anna@example.org\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n", "anna@example.org", true},
		{"Exim, gives up", "From: Mail Delivery System <Mailer-Daemon@exim.example>\nX-Failed-Recipients: anna@example.org\nSubject: Mail delivery failed: returning message to sender\n\nThis message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  anna@example.org\n    all hosts for 'example.org' have been failing for a long time (and retry time not reached)\n", "anna@example.org", false},
		{"Google Workspace", "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nX-Failed-Recipients: anna@example.org\nSubject: Delivery Status Notification (Failure)\n\n** Address not found **\n\nYour message wasn't delivered to anna@example.org because the address couldn't be found, or is unable to receive mail.\n\nThe response from the remote server was:\n550 5.1.1 The email account that you tried to reach does not exist.\n", "anna@example.org", true},
		{"Yahoo", "From: MAILER-DAEMON@yahoo.example\nSubject: Failure Notice\n\nSorry, we were unable to deliver your message to the following address.\n\n<anna@example.org>:\nRemote host said:\n550 5.1.1 <anna@example.org>... User Unknown\n [RCPT_TO]\n\n--- Below this line is a copy of the message.\n", "anna@example.org", true},
		{"Zoho", "From: mailer-daemon@mail.zoho.example\nSubject: Undelivered Mail Returned to Sender\n\nThis message was created automatically by mail delivery software.\n A message that you sent could not be delivered to one or more of its recipients. This is a permanent error. \n\nanna@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <anna@example.org>... User Unknown\n", "anna@example.org", true},
		{"GMX", "From: GMX Mailer Daemon <mailer-daemon@gmx.example>\nSubject: Mail delivery failed: returning message to sender\n\nThis message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of\nits recipients. This is a permanent error. The following address\nfailed:\n\n\"anna@example.org\":\nSMTP error from remote server after RCPT command:\nhost: mx.example.org\n5.1.1 <anna@example.org>... User Unknown\n", "anna@example.org", true},
		{"MailFoundry", "From: MAILER-DAEMON@foundry.example\nSubject: Message delivery has failed\n\nUnable to deliver message to: <anna@example.org>\nDelivery failed for the following reason:\nServer mx22.example.org[192.0.2.222] failed with: 550 5.1.1 <anna@example.org> No such user here\n\nThis has been a permanent failure.  No further delivery attempts will be made.\n", "anna@example.org", true},
		{"qmail, no host", "From: MAILER-DAEMON@q.example\nSubject: failure notice\n\nHi. This is the qmail-send program at q.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<anna@example.org>:\nSorry, I couldn't find any host named example.org. (#5.1.2)\n\n--- Below this line is a copy of the message.\n", "anna@example.org", true},
		{"qmail, no answer", "From: MAILER-DAEMON@q.example\nSubject: failure notice\n\nHi. This is the qmail-send program at q.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<anna@example.org>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.\n", "anna@example.org", false},
		{"Sendmail", "From: Mail Delivery Subsystem <MAILER-DAEMON@s.example>\nSubject: Returned mail: see transcript for details\n\nThe original message was received at Mon, 2 Mar 2026 06:00:00 +0100\nfrom localhost [127.0.0.1]\n\n   ----- The following addresses had permanent fatal errors -----\n<anna@example.org>\n    (reason: 550 5.1.1 <anna@example.org>... User Unknown)\n\n   ----- Transcript of session follows -----\n... while talking to mx.example.org.:\n>>> DATA\n<<< 550 5.1.1 <anna@example.org>... User Unknown\n550 5.1.1 <anna@example.org>... User unknown\n<<< 503 5.0.0 Need RCPT (recipient)\n", "anna@example.org", true},
		{"T-Online", "From: Mail Delivery System <mailer-daemon@t.example>\nSubject: Unzustellbar: News\n\nIhre Nachricht konnte nicht zugestellt werden:\n\n<anna@example.org>\n    Der Empfänger ist unbekannt.\n", "anna@example.org", true},
	} {
		r := Parse([]byte(tc.raw))
		if len(r.Records) != 1 || r.Records[0].Recipient != tc.to || r.Records[0].Hard != tc.hard {
			t.Errorf("%s: %+v, want %s, hard %v", tc.name, r.Records, tc.to, tc.hard)
		}
	}
}

// Answers of programs, which say nothing of delivery.
func TestAutomaticAnswersInManyLanguages(t *testing.T) {
	for _, head := range []string{
		"Auto-Submitted: auto-replied\nSubject: Re: News", "Subject: Automatic reply: News", "Subject: Abwesenheitsnotiz: News", "Subject: Automatische Antwort: News",
		"Subject: Réponse automatique : News", "Subject: Respuesta automática: News", "Subject: Risposta automatica: News", "Subject: Resposta automática: News",
		"Subject: Automatisch antwoord: News", "Subject: Autosvar: News", "Subject: Out of Office: News", "X-Autoreply: yes\nSubject: Re: News", "Precedence: auto_reply\nSubject: Re: News",
		"X-Autorespond: News\nSubject: Re: News", "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\nSubject: Automatic reply: News",
	} {
		r := Parse([]byte("From: Anna <anna@example.org>\n" + head + "\n\nI am away until Monday. The user you look for is unknown to me.\n"))
		if !r.Automatic() {
			t.Errorf("%q: %+v", head, r.Records)
		}
	}
}

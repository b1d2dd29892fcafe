// Package config holds everything a publication can set: one documented
// struct, read from a TOML file, the GATEFOLD_* environment and options of
// the command line, in that order, the later ones winning.
//
// The example file and the reference in docs/ are generated from the
// declarations in this file: the comment above a field is its
// documentation, its tags are its rules, Default gives its value.
package config

import "time"

// Config is the whole configuration of one publication. A Config returned
// by Load or Default is valid; one put together by hand is after Validate.
type Config struct {
	// Who publishes: what the masthead, the mails and the feeds say.
	Publication Publication `toml:"publication"`
	// How the program listens. TLS is the business of a proxy in front of it.
	Server Server `toml:"server"`
	// Where the journal is kept: SQLite inside the program, or PostgreSQL.
	Database Database `toml:"database"`
	// The folder on disk.
	Data Data `toml:"data"`
	// Who may read what, and how much of it for free.
	Wall Wall `toml:"wall"`
	// What the subscription pages say.
	Subscribe Subscribe `toml:"subscribe"`
	// How subscriptions are sold.
	Till Till `toml:"till"`
	// Outgoing mail.
	Mail Mail `toml:"mail"`
	// How the program hears of mail that came back.
	Bounces Bounces `toml:"bounces"`
	// What crawlers may do with the texts. Said in robots.txt, in response
	// headers and in /.well-known/tdmrep.json.
	Robots Robots `toml:"robots"`
	// The looks, where they differ from those built in.
	Theme Theme `toml:"theme"`
	// What the program writes about its own work to standard error.
	Log Log `toml:"log"`
	// How often one address or one network may ask.
	Limits Limits `toml:"limits"`
	// How articles are found. Synonyms and what stands first for a query are set
	// with "gatefold search"; words are taken apart as publication.language says.
	Search Search `toml:"search"`
	// Advertising to readers who do not subscribe.
	Ads Ads `toml:"ads"`
}

// Publication says who publishes.
type Publication struct {
	// The name of the journal, as set in the masthead.
	Name string `toml:"name"`
	// One line under the name.
	Tagline string `toml:"tagline" empty:"none"`
	// The canonical origin of the site. Links in mails and feeds begin with
	// it; it ends at the host or port, without a path.
	URL string `toml:"url" is:"origin"`
	// The language of the texts.
	Language string `toml:"language" is:"language"`
	// The time zone in which days and months begin: for dates in print and
	// for the month of the free articles.
	TimeZone string `toml:"time_zone" is:"time zone"`
	// The one color beside ink and paper, for labels, buttons and links. Its
	// contrast on the paper (#fdfcf9) must be at least 4.5 (WCAG 2.2, 1.4.3).
	Accent string `toml:"accent" is:"accent"`
	// The path of a logo to stand in the masthead in place of the name.
	Logo string `toml:"logo" is:"picture" empty:"the name in type"`
	// The address readers may write to, shown in the footer and in
	// /.well-known/security.txt.
	Contact string `toml:"contact" is:"mailbox" empty:"the address of mail.from"`
	// Where the publication has its seat, in one line. The law of many
	// countries wants it at the foot of every newsletter.
	Postal string `toml:"postal" empty:"not shown"`
	// The year of the first article, for the copyright line.
	Founded int `toml:"founded" max:"2200" empty:"0: not shown"`
}

// Server says how the program listens.
type Server struct {
	// The address of the site. An empty host listens on every interface.
	Listen string `toml:"listen" is:"listen"`
	// The address of the Prometheus metrics. Keep it off the public network.
	MetricsListen string `toml:"metrics_listen" is:"listen" empty:"no metrics listener"`
	// The networks of the proxies in front. Only for requests from these is
	// the reader's address taken from X-Forwarded-For; with none, the header
	// is ignored.
	TrustedProxies []string `toml:"trusted_proxies" is:"network"`
	// Cookies without the Secure mark and the __Host- prefix, to try the
	// program over plain HTTP on one machine. Refused unless server.listen is
	// a loopback address, and when publication.url is https.
	InsecureCookies bool `toml:"insecure_cookies"`
	// How long a client may take to send the headers of a request.
	ReadHeaderTimeout time.Duration `toml:"read_header_timeout" min:"100ms" max:"5m"`
	// How long a client may take to send a whole request.
	ReadTimeout time.Duration `toml:"read_timeout" min:"100ms" max:"1h"`
	// How long an answer may take, from the end of the headers.
	WriteTimeout time.Duration `toml:"write_timeout" min:"100ms" max:"1h"`
	// How long an idle connection is kept.
	IdleTimeout time.Duration `toml:"idle_timeout" min:"100ms" max:"1h"`
	// The largest body of a request.
	MaxBody Size `toml:"max_body" min:"1KB" max:"1GB"`
	// How long requests in progress may take to finish when the program is
	// told to stop.
	ShutdownGrace time.Duration `toml:"shutdown_grace" min:"0s" max:"10m"`
}

// Database says where the journal is kept.
type Database struct {
	// The database: postgres://user:password@host:port/name. Kept out of logs.
	URL Secret `toml:"url" is:"database" empty:"the SQLite file gatefold.db in data.dir"`
	// How many connections there are at once. On SQLite these only read, and
	// one more writes; on PostgreSQL one more listens for what other nodes
	// change.
	ReadConnections int `toml:"read_connections" max:"200" empty:"0: 4 on SQLite, 16 on PostgreSQL"`
}

// Data says where files are kept.
type Data struct {
	// The folder of the search index and, when database.url is empty, of the
	// database. Made when missing. Every node needs one of its own.
	Dir string `toml:"dir"`
	// The folder of pictures. Made when missing. Nodes over one PostgreSQL
	// share it, say over NFS.
	Media string `toml:"media" empty:"the folder media in data.dir"`
}

// Wall says who may read what.
type Wall struct {
	// How many metered articles a confirmed reader may open in a period.
	FreeArticles int `toml:"free_articles" max:"100"`
	// The period of the free articles: the calendar month in
	// publication.time_zone, or the thirty days before now.
	Period string `toml:"period" oneof:"month rolling"`
	// How a free article is spent: the reader chooses by pressing a button,
	// or the first visit spends it.
	Spend string `toml:"spend" oneof:"choose automatic"`
	// How long the teaser of an article is at most, in words, when its editor
	// marked no cut. It ends with a whole paragraph or sentence, and is two
	// fifths of a short text at most.
	TeaserWords int `toml:"teaser_words" min:"20" max:"1000"`
	// The level of articles that name none and match no rule.
	DefaultLevel string `toml:"default_level" oneof:"open registered metered subscriber"`
	// Levels by section, kind and age. For each article the first rule that
	// matches decides, also over the level the article itself names.
	Rules []Rule `toml:"rules"`
	// How many days pass before the same address or browser may have another
	// courtesy: the one article read at once for leaving an address.
	CourtesyDays int `toml:"courtesy_days" min:"1" max:"366"`
	// How many courtesies one network (an IPv4 /24, an IPv6 /64) is given a
	// day. Past it a reader confirms the address first.
	CourtesiesPerNetwork int `toml:"courtesies_per_network" max:"10000"`
	// How many articles a subscriber may give away in a calendar month: whoever
	// opens the link reads the article. 0: none.
	GiftArticles int `toml:"gift_articles" max:"1000"`
	// How many days a link to an article that was given away is good.
	GiftDays int `toml:"gift_days" min:"1" max:"366"`
	// On how many devices it may be opened.
	GiftDevices int `toml:"gift_devices" min:"1" max:"1000"`
	// Whether consent to the newsletter is a box of its own, unticked, as the
	// law of the European Union asks. Without it the form says in words that
	// the newsletter comes with it.
	ConsentBox bool `toml:"consent_box"`
	// How many articles one subscriber may open in an hour before being asked
	// to confirm that a person reads.
	VelocityHour int `toml:"velocity_hour" min:"1" max:"100000"`
	// How many articles one subscriber may open in a day before being asked.
	// Not less than velocity_hour.
	VelocityDay int `toml:"velocity_day" min:"1" max:"100000"`
	// How many days a reader stays signed in without a visit.
	SessionDays int `toml:"session_days" min:"1" max:"400"`
	// On how many devices a reader may be signed in. The one unused longest is
	// signed out for a new one.
	SessionDevices int `toml:"session_devices" min:"1" max:"100"`
	// The path of a list of domains, one a line, of throw-away mail services
	// beside those in the built-in list: their addresses get no courtesy.
	DisposableDomainsFile string `toml:"disposable_domains_file" empty:"only the built-in list"`
}

// Rule gives a level to the articles that meet all of its conditions.
type Rule struct {
	// The slug of a section, such as "in-depth".
	Section string `toml:"section" is:"slug" empty:"any section"`
	// The kind of article, such as "column".
	Kind string `toml:"kind" is:"slug" empty:"any kind"`
	// How many days ago at least the article was published.
	OlderThanDays int `toml:"older_than_days" max:"36500" empty:"0: of any age"`
	// The level given.
	Level string `toml:"level" oneof:"open registered metered subscriber"`
}

// Subscribe says what the subscription pages offer.
type Subscribe struct {
	// The price of a month, as shown while there is no till.
	PriceMonth string `toml:"price_month"`
	// The price of a year, as shown while there is no till.
	PriceYear string `toml:"price_year"`
	// Where to write to subscribe.
	Contact string `toml:"contact" is:"mailbox" empty:"the address of publication.contact"`
	// What All-Access holds, in one to eight lines.
	AllAccessLines []string `toml:"all_access_lines" min:"1" max:"8"`
}

// Till says how subscriptions are sold.
type Till struct {
	// Who takes the money. The test checkout takes none: it is for the
	// demonstration, and refused elsewhere.
	Provider string `toml:"provider" oneof:"stripe test" empty:"no till: readers write to subscribe.contact"`
	// The key of Stripe's API: sk_live_… or, better, a restricted key (rk_…).
	// Best given by the environment, as GATEFOLD_TILL_STRIPE_KEY.
	StripeKey Secret `toml:"stripe_key" empty:"none"`
	// The signing secret of the webhook endpoint at Stripe, whsec_…, for
	// /webhooks/stripe. Best given by the environment, as
	// GATEFOLD_TILL_STRIPE_SIGNING_SECRET.
	StripeSigningSecret Secret `toml:"stripe_signing_secret" empty:"none"`
	// The publication's own domain for the pages of Stripe, as set up there
	// ("Custom domains"). Forms may lead to no other.
	StripeDomain string `toml:"stripe_domain" is:"host" empty:"checkout.stripe.com and billing.stripe.com"`
	// Have Stripe Tax add up what tax is owed, within the prices. It has to be
	// set up at Stripe first.
	StripeTax bool `toml:"stripe_tax"`
	// Let buyers type promotion codes that were made at Stripe, besides
	// till.coupons.
	StripePromotionCodes bool `toml:"stripe_promotion_codes"`
	// The currency shown first; others are a choice on the page.
	Currency string `toml:"currency" is:"currency"`
	// How many days a reader reads on after a payment was due and did not come.
	GraceDays int `toml:"grace_days" max:"60"`
	// What is sold. A plan stays as it is for those who have it; to change a
	// price, give the new one a slug of its own and mark the old one closed.
	Plans []Plan `toml:"plans"`
	// Codes that lower a price.
	Coupons []Coupon `toml:"coupons"`
}

// Plan is one way to have All-Access.
type Plan struct {
	// What it is known by, such as "month"; never used again for another.
	Slug string `toml:"slug" is:"slug"`
	// What readers call it, such as "By the month".
	Name string `toml:"name"`
	// How often it is paid.
	Every string `toml:"every" oneof:"month year"`
	// What each period costs, in one or more currencies, as "EUR 9.00".
	Prices []string `toml:"prices" is:"price" min:"1" max:"20"`
	// How many days are free at first, once for each person.
	TrialDays int `toml:"trial_days" max:"366" empty:"0: none"`
	// What the first period costs, once for each person, in the currencies
	// that have such an offer.
	FirstPrices []string `toml:"first_prices" is:"price" max:"20"`
	// Not sold any more, and still paid by those who have it.
	Closed bool `toml:"closed"`
	// The slug of the plan, with the same every, that those who have this one go
	// over to: a price that changes. They are told by mail at least thirty days
	// before the first charge that is another.
	MovesTo string `toml:"moves_to" is:"slug" empty:"those who have it keep it"`
	// The domains that a reader's confirmed address has to be of, or below, as
	// "ac.uk": for students, or the press. It is asked for again each year.
	Domains []string `toml:"domains" is:"host" max:"10000"`
	// The slug of the plan for those who do not confirm their address again.
	Otherwise string `toml:"otherwise" is:"slug" empty:"none, as domains is empty"`
	// The countries that a buyer has to live in, as "IN" (ISO 3166-1), for a price
	// of their own; buyers say where they live. There it stands in the place of
	// the plans for everyone that are paid as often.
	Countries []string `toml:"countries" is:"country" max:"250"`
	// The day from which charges are those of moves_to, as 2027-09-01.
	MovesOn string `toml:"moves_on" is:"day" empty:"as soon as they were told"`
}

// Coupon lowers the price of a plan's first periods.
type Coupon struct {
	// What readers type, in any case.
	Code string `toml:"code" is:"slug"`
	// By how much in a hundred.
	PercentOff int `toml:"percent_off" min:"1" max:"100"`
	// How many periods it counts for.
	Periods int `toml:"periods" min:"1" max:"120"`
	// The slug of the one plan it is for.
	Plan string `toml:"plan" is:"slug" empty:"any plan"`
	// How often it may be used in all.
	Uses int `toml:"uses" max:"1000000" empty:"0: as often as people like"`
	// The last day it can be used, as 2027-01-31.
	LastDay string `toml:"last_day" is:"day" empty:"no last day"`
}

// Mail says how mail leaves.
type Mail struct {
	// The sender of all mail: a name and an address.
	From string `toml:"from" is:"sender"`
	// Where answers go.
	ReplyTo string `toml:"reply_to" is:"mailbox" empty:"to the sender"`
	// The mail server: smtp://user:password@host:587, where the connection is
	// made secure by STARTTLS or not used at all, or smtps://host:465. A
	// server on a loopback address may be used in the clear with ?tls=off.
	// Kept out of logs.
	SMTPURL Secret `toml:"smtp_url" is:"smtp" empty:"mail is kept, not sent"`
	// The region of Amazon SES, by whose HTTP API mail leaves in place of a
	// mail server. Amazon signs it.
	SESRegion string `toml:"ses_region" is:"region" empty:"mail does not leave by Amazon SES"`
	// The id of an access key that may send (ses:SendRawEmail) and ask about
	// the account (ses:GetAccount).
	SESKeyID string `toml:"ses_key_id" empty:"mail does not leave by Amazon SES"`
	// The secret of that key.
	SESSecret Secret `toml:"ses_secret" empty:"mail does not leave by Amazon SES"`
	// Where SES is reached, such as an endpoint in a private network.
	SESEndpoint string `toml:"ses_endpoint" is:"endpoint" empty:"the public one of the region"`
	// The keys that letters are signed with, each as a selector and the path
	// of a private key in PEM; "gatefold doctor" says what to publish. With
	// none, the mail server signs.
	DKIMKeys []string `toml:"dkim_keys" is:"DKIM key"`
	// The name the program gives to mail servers.
	Hello string `toml:"hello" is:"host" empty:"the host of publication.url"`
	// How many mails are sent at once.
	Concurrency int `toml:"concurrency" min:"1" max:"64"`
}

// Bounces says how the program hears of mail that came back. Webhooks are
// off until the secret that tells their provider is set.
type Bounces struct {
	// The domain that mail comes back to: letters leave under addresses of
	// it that name each mail. Its MX record leads to bounces.listen.
	Domain string `toml:"domain" is:"host" empty:"letters come back to mail.from, and nobody reads them"`
	// The address of the mail server for the bounce domain, such as ":25".
	Listen string `toml:"listen" is:"listen" empty:"no mail server"`
	// The path of a certificate for that mail server, in PEM. It is read
	// again when it changes.
	TLSCertificate string `toml:"tls_certificate" empty:"STARTTLS with a certificate made at start, as most servers ask for no other"`
	// The path of the certificate's key, in PEM.
	TLSKey string `toml:"tls_key" empty:"as for bounces.tls_certificate"`
	// The topics of Amazon SNS through which Amazon SES tells of bounces and
	// complaints; /webhooks/ses takes no others.
	SESTopics []string `toml:"ses_topics" is:"topic"`
	// The webhook signing key of Mailgun, for /webhooks/mailgun.
	MailgunKey Secret `toml:"mailgun_key" empty:"no webhook"`
	// The password that Postmark gives at /webhooks/postmark, by basic
	// authentication with any name.
	PostmarkPassword Secret `toml:"postmark_password" empty:"no webhook"`
	// The verification key of SendGrid's signed event webhook, for
	// /webhooks/sendgrid.
	SendGridKey string `toml:"sendgrid_key" is:"public key" empty:"no webhook"`
}

// Robots says what crawlers may do.
type Robots struct {
	// Whether texts may be used to train models.
	Training string `toml:"training" oneof:"refuse allow"`
	// Whether texts may feed search engines that answer in their own words.
	AISearch string `toml:"ai_search" oneof:"refuse allow"`
	// Whether an assistant may fetch a page because a person asked it to.
	UserAction string `toml:"user_action" oneof:"refuse allow"`
	// The page that states the terms for text and data mining.
	TDMPolicy string `toml:"tdm_policy" is:"web page" empty:"none"`
}

// Theme says where other looks are found.
type Theme struct {
	// A folder of templates and styles that take the place of those built in;
	// "gatefold theme export" writes one to begin with.
	Dir string `toml:"dir" empty:"the looks built in"`
}

// Log says what is logged, and how.
type Log struct {
	// One JSON object a line, for machines, or text, for people.
	Format string `toml:"format" oneof:"json text"`
	// The least level that is logged.
	Level string `toml:"level" oneof:"debug info warn error"`
}

// Limits holds the rates beyond which a request is refused for a while. A
// network is an IPv4 /24 or an IPv6 /64.
type Limits struct {
	// Sign-ins asked for by one network in an hour.
	SignInPerHour int `toml:"sign_in_per_hour" min:"1" max:"100000"`
	// Keep-reading forms sent by one network in an hour.
	KeepReadingPerHour int `toml:"keep_reading_per_hour" min:"1" max:"100000"`
	// Mails to one address in a day, whoever asks for them.
	MailsPerAddressPerDay int `toml:"mails_per_address_per_day" min:"1" max:"1000"`
	// Forms without a fresh stamp that have a mail sent, in a minute, from all
	// networks together: those that no page of the site showed in the last week.
	// What comes beyond is shown its form again. Counted by each node.
	UnseenFormsPerMinute int `toml:"unseen_forms_per_minute" min:"1" max:"100000"`
	// Searches by one network in a minute, by those who are not signed in. A
	// reader who is has ten times as many to themselves. Counted by each node.
	SearchesPerMinute int `toml:"searches_per_minute" min:"1" max:"100000"`
	// Checkouts begun by one network in a minute, of subscriptions, gifts and
	// seats together: each is kept here and at the provider. One address begins
	// half as many at most. Counted by each node.
	CheckoutsPerMinute int `toml:"checkouts_per_minute" min:"2" max:"100000"`
}

// Search says how articles are found.
type Search struct {
	// What an article of today gains over an old one that fits as well, in
	// percent of its score. Half of it is left after two years; 0 ranks by the
	// words alone.
	Recency int `toml:"recency" min:"0" max:"100"`
}

// Ads says what non-subscribers are shown.
type Ads struct {
	// Whether the publication advertises itself in places not sold.
	House bool `toml:"house"`
	// The lines of /ads.txt (IAB Tech Lab, ads.txt 1.1), for a publication whose
	// space others sell. None by default: nobody may.
	AdsTxt []string `toml:"ads_txt" is:"ads.txt line" max:"1000"`
	// The address of another host that leads to this server too. Under it stand
	// the advertisements of other companies, in frames that can do nothing to
	// the page around them, for visitors who asked to see them.
	FrameURL string `toml:"frame_url" is:"origin" empty:"no advertisements of other companies"`
}

// Default returns the configuration of a publication that sets nothing.
func Default() Config {
	return Config{
		Publication: Publication{
			Name: "Gatefold Journal", URL: "http://localhost:8080", Language: "en",
			TimeZone: "UTC", Accent: "#8f1d21",
		},
		Server: Server{
			Listen: "127.0.0.1:8080", ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
			IdleTimeout: 120 * time.Second, MaxBody: 1 * Megabyte, ShutdownGrace: 20 * time.Second,
		},
		Data: Data{Dir: "./data"},
		Wall: Wall{
			FreeArticles: 3, Period: "month", Spend: "choose", TeaserWords: 120,
			DefaultLevel: "metered", CourtesyDays: 30, CourtesiesPerNetwork: 5, ConsentBox: true,
			GiftArticles: 10, GiftDays: 14, GiftDevices: 10,
			VelocityHour: 60, VelocityDay: 300, SessionDays: 90, SessionDevices: 5,
		},
		Subscribe: Subscribe{
			PriceMonth: "€9", PriceYear: "€90",
			AllAccessLines: []string{
				"The full library of articles, searchable, from the first day to this one",
				"New articles by experts on their subjects, sent to you every weekday",
				"In-depth pieces on the issues and countries that matter",
				"The Daily Review and the Weekly Review, by email",
				"No advertisements, anywhere",
			},
		},
		Till: Till{Currency: "EUR", GraceDays: 10, Plans: []Plan{
			{Slug: "month", Name: "By the month", Every: "month", Prices: []string{"EUR 9", "USD 10", "GBP 8"}},
			{Slug: "year", Name: "By the year", Every: "year", Prices: []string{"EUR 90", "USD 100", "GBP 80"}},
		}},
		Mail:   Mail{From: "Gatefold Journal <post@localhost>", Concurrency: 2},
		Robots: Robots{Training: "refuse", AISearch: "refuse", UserAction: "allow"},
		Log:    Log{Format: "json", Level: "info"},
		Limits: Limits{SignInPerHour: 60, KeepReadingPerHour: 60, MailsPerAddressPerDay: 3, UnseenFormsPerMinute: 60, SearchesPerMinute: 60,
			CheckoutsPerMinute: 10},
		Search: Search{Recency: 25},
		Ads:    Ads{House: true, AdsTxt: []string{}},
	}
}

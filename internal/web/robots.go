package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/gatefold/gatefold/internal/config"
)

// The crawlers of each class, by the names their operators give for robots.txt. Those that only index for a search
// engine which links to the page are in none: they are why a journal is found.
var (
	trainingCrawlers = []string{"AI2Bot", "Ai2Bot-Dolma", "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot",
		"ClaudeBot", "cohere-ai", "cohere-training-data-crawler", "Cotoyogi", "DeepSeekBot", "Diffbot", "FacebookBot",
		"Google-Extended", "GPTBot", "ICC-Crawler", "ImagesiftBot", "img2dataset", "Kangaroo Bot", "LAIONDownloader",
		"meta-externalagent", "omgili", "PanguBot", "SBIntuitionsBot", "TikTokSpider", "Timpibot", "VelenPublicWebCrawler",
		"Webzio-Extended"}
	answerCrawlers = []string{"Amzn-SearchBot", "Andibot", "AzureAI-SearchBot", "Claude-SearchBot", "Cloudflare-AutoRAG",
		"DuckAssistBot", "ExaBot", "iAskBot", "LinerBot", "LinkupBot", "meta-webindexer", "OAI-SearchBot", "PerplexityBot",
		"PhindBot", "TavilyBot", "YouBot"}
	assistantFetchers = []string{"Amzn-User", "ChatGPT-User", "Claude-User", "Gemini-Deep-Research", "Google-Agent",
		"Google-NotebookLM", "kagi-fetcher", "Manus-User", "meta-externalfetcher", "MistralAI-User", "NovaAct", "Perplexity-User"}
)

// A crawlerClass is crawlers that do the same with what they fetch.
type crawlerClass struct {
	words  string // what for, in a comment
	rule   string // "refuse" or "allow"
	agents []string
}

func crawlerClasses(c config.Robots) []crawlerClass {
	return []crawlerClass{
		{"Crawlers that gather texts to train models", c.Training, trainingCrawlers},
		{"Crawlers that answer in their own words", c.AISearch, answerCrawlers},
		{"Assistants that fetch a page because a person asked", c.UserAction, assistantFetchers},
	}
}

// privatePaths are of no use to a crawler.
var privatePaths = []string{"/account", "/ads/", "/confirm", "/dev/", "/keep-reading", "/sign-in", "/sign-out"}

// robotsFile serves robots.txt (RFC 9309) with the content signals of contentsignals.org. It holds no line that
// Google's checks call unknown; what else there is to say of rights is in headers and in tdmrep.json.
func (s *Site) robotsFile(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, "robots", plainText, func(context.Context) ([]byte, error) {
		return robotsText(s.Config.Robots, s.origin), nil
	})
}

func robotsText(c config.Robots, origin string) []byte {
	var b bytes.Buffer
	b.WriteString("# Everyone is welcome to link here. What may be done with the texts beyond that is said by the signals below,\n" +
		"# which reserve rights under Article 4 of Directive (EU) 2019/790, and by /.well-known/tdmrep.json.\n")
	if c.TDMPolicy != "" {
		fmt.Fprintf(&b, "# Terms: %s\n", c.TDMPolicy)
	}
	fmt.Fprintf(&b, "\nUser-agent: *\nContent-Signal: search=yes, ai-input=%s, ai-train=%s\n", signal(c.AISearch), signal(c.Training))
	for _, p := range privatePaths {
		fmt.Fprintf(&b, "Disallow: %s\n", p)
	}
	b.WriteString("Allow: /\n")
	for _, class := range crawlerClasses(c) {
		if class.rule != "refuse" {
			continue // the rules for everyone hold
		}
		fmt.Fprintf(&b, "\n# %s\n", class.words)
		for _, a := range class.agents {
			fmt.Fprintf(&b, "User-agent: %s\n", a)
		}
		b.WriteString("Disallow: /\n")
	}
	fmt.Fprintf(&b, "\nSitemap: %s/sitemap.xml\nSitemap: %s/sitemaps/news.xml\n", origin, origin)
	return b.Bytes()
}

// signal writes a setting as a content signal.
func signal(rule string) string {
	if rule == "refuse" {
		return "no"
	}
	return "yes"
}

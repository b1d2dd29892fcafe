package access

// AdmitClass decides what everyone of a standing may read of an article now by that alone, with nothing spent: what a
// letter to many may hold. Plan is the grant of a standing that pays. A reader who chose the article is asked for by
// Admit, on its page.
func (g *Gate) AdmitClass(standing Standing, plan Grant, a Article) Decision {
	return Decide(Facts{Article: a, Level: g.policy.Level(a, g.now()), Standing: standing, Plan: plan, Free: g.policy.Free})
}

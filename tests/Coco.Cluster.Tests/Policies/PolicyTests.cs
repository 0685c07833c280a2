using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Cluster.Tests.Invitations;

namespace Coco.Cluster.Tests.Policies;

public sealed class PolicyTests
{
    private static readonly UserId Ada = new(InvitationSamples.Id(1));

    private const string Sample = """
        # who may reach the house
        coco policy 1
        allow service ssh from role admin to tag server
        allow  service http  from anyone

        allow subscribe home/+/temperature from app org.example.chat
        deny subscribe # from role guest tag quarantine
        """;

    [Fact]
    public void Without_a_rule_nothing_is_allowed()
    {
        var decision = Policy.Empty.Decide(Service("ssh", Node(Role.Admin)));

        Assert.Equal((PolicyOutcome.NoRule, false, "denied: no rule allows it"), (decision.Outcome, decision.IsAllowed, decision.Explain()));
    }

    [Fact]
    public void A_decision_names_the_rule_that_made_it()
    {
        var policy = Read(Sample);
        var server = Node(Role.Guest, "", "server");

        Assert.Equal("allowed by: allow service ssh from role admin to tag server", policy.Decide(Service("ssh", Node(Role.Admin), server)).Explain());
        Assert.Equal(PolicyOutcome.NoRule, policy.Decide(Service("ssh", Node(Role.Guest), server)).Outcome);
        Assert.Equal(PolicyOutcome.NoRule, policy.Decide(Service("ssh", Node(Role.Admin))).Outcome);
        Assert.True(policy.Decide(new(PolicyKind.Subscribe, "home/kitchen/temperature", Node(Role.Guest, "org.example.chat"), server)).IsAllowed);
        Assert.Equal(
            "denied by: deny subscribe # from role guest tag quarantine",
            policy.Decide(new(PolicyKind.Subscribe, "home/kitchen/temperature", Node(Role.Guest, "org.example.chat", "quarantine"), server)).Explain());
        Assert.False(policy.Decide(new(PolicyKind.Publish, "home/kitchen/temperature", Node(Role.Guest, "org.example.chat"), server)).IsAllowed);
    }

    [Theory] // MQTT 5 §4.7.2
    [InlineData("#", "$coco/mqtt/share/x", false)]
    [InlineData("+/#", "$coco/mqtt/share/x", false)]
    [InlineData("+", "$x", false)]
    [InlineData("+/mqtt/#", "$coco/mqtt/share/x", false)]
    [InlineData("$coco/#", "$coco/mqtt/share/x", true)]
    [InlineData("$coco/+/share/x", "$coco/mqtt/share/x", true)]
    [InlineData("#", "coco/$mqtt", true)]
    public void Who_is_allowed_all_topics_is_not_allowed_those_that_begin_with_a_dollar_sign(string pattern, string topic, bool isAllowed)
    {
        foreach (var (kind, word) in (ReadOnlySpan<(PolicyKind, string)>)[(PolicyKind.Publish, "publish"), (PolicyKind.Subscribe, "subscribe")])
        {
            var policy = Read($"coco policy 1\nallow {word} {pattern} from anyone");
            Assert.Equal(isAllowed, policy.Decide(new(kind, topic, Node(Role.Guest), Node(Role.Guest))).IsAllowed);
            Assert.Equal(isAllowed, policy.Explain(new(kind, topic, Node(Role.Guest), Node(Role.Guest))).Count == 1);
        }
    }

    [Fact]
    public void Who_is_denied_all_topics_is_denied_those_that_begin_with_a_dollar_sign_too()
    {
        var policy = Read("coco policy 1\nallow publish $coco/store/board from anyone\ndeny publish # from tag quarantine");

        Assert.True(policy.Decide(new(PolicyKind.Publish, "$coco/store/board", Node(Role.Guest), Node(Role.Guest))).IsAllowed);
        Assert.False(policy.Decide(new(PolicyKind.Publish, "$coco/store/board", Node(Role.Guest, "", "quarantine"), Node(Role.Guest))).IsAllowed);
    }

    [Fact]
    public void The_owner_may_everything_and_who_has_no_role_what_guests_may()
    {
        var policy = Read("coco policy 1\nallow service * from role guest\ndeny service ssh from role guest");

        Assert.Equal(PolicyOutcome.IsOwner, policy.Decide(Service("ssh", Node(Role.Owner))).Outcome);
        Assert.True(policy.Decide(Service("http", Node(Role.None))).IsAllowed);
        Assert.Equal(PolicyOutcome.Denied, policy.Decide(Service("ssh", Node(Role.None))).Outcome);
        Assert.Equal(PolicyOutcome.NoRule, policy.Decide(Service("ssh", Node(Role.Admin))).Outcome);
    }

    [Fact]
    public void The_text_has_one_spelling_and_comes_back()
    {
        var policy = Read(Sample);

        Assert.Equal(
            """
            coco policy 1
            allow service http from anyone
            allow service ssh from role admin to tag server
            allow subscribe home/+/temperature from app org.example.chat
            deny subscribe # from role guest tag quarantine

            """,
            policy.ToString());
        Assert.True(Policy.TryDecode(policy.Encode(), out var read));
        Assert.Equal(policy.Encode(), read.Encode());
    }

    [Theory]
    [InlineData("allow service ssh from anyone", "line 1: a policy begins with 'coco policy 1'")]
    [InlineData("", "line 1: a policy begins with 'coco policy 1'")]
    [InlineData("coco policy 1\n\nallow service SSH from anyone", "line 3: ")]
    [InlineData("coco policy 1\nallow service ssh", "line 2: ")]
    [InlineData("coco policy 1\nallow service ssh from", "line 2: ")]
    [InlineData("coco policy 1\nallow service ssh from role king", "line 2: ")]
    [InlineData("coco policy 1\nallow service ssh from role guest role admin", "line 2: ")]
    [InlineData("coco policy 1\nallow publish home/#/x from anyone", "line 2: ")]
    [InlineData("coco policy 1\nallow service ssh from anyone to", "line 2: ")]
    [InlineData("coco policy 1\npermit service ssh from anyone", "line 2: ")]
    public void What_is_wrong_is_said_with_its_line(string text, string error)
    {
        Assert.False(Policy.TryParse(text, out _, out var said));
        Assert.StartsWith(error, said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_app_may_have_the_name_of_a_word_of_the_language() =>
        Assert.True(Read("coco policy 1\nallow service ssh from app to to app from").Decide(Service("ssh", Node(Role.Guest, "to"), Node(Role.Guest, "from"))).IsAllowed);

    [Fact]
    public void A_line_of_a_later_version_allows_nothing_and_if_it_may_forbid_it_forbids_all()
    {
        Assert.True(Policy.TryDecode("coco policy 1\nallow service http from anyone\nallow stream x from anyone\n"u8, out var harmless));
        Assert.True(harmless.Decide(Service("http", Node(Role.Guest))).IsAllowed);

        Assert.True(Policy.TryDecode("coco policy 1\nallow service http from anyone\ndeny service http from moon\n"u8, out var unclear));
        Assert.Equal(
            (PolicyOutcome.NotUnderstood, "deny service http from moon"),
            (unclear.Decide(Service("http", Node(Role.Guest))).Outcome, unclear.Decide(Service("http", Node(Role.Guest))).Rule));
        Assert.Contains("deny service http from moon", unclear.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_are_bounded()
    {
        static string Text(int rules) => "coco policy 1\n" + string.Concat(Enumerable.Range(0, rules).Select(i => $"allow service s{i} from anyone\n"));

        Assert.True(Policy.TryParse(Text(512), out _, out _));
        Assert.False(Policy.TryParse(Text(513), out _, out _));
        Assert.False(Policy.TryDecode(new byte[Policy.MaxLength + 1], out _));
    }

    [Fact]
    public void An_added_allow_never_denies_an_added_deny_never_allows_and_order_is_of_no_account()
    {
        var random = new Random(9);
        for (var i = 0; i < 4_000; i++)
        {
            var rules = Enumerable.Range(0, random.Next(6)).Select(_ => Rule(random, random.Next(4) == 0 ? "deny" : "allow")).ToList();
            var question = Question(random);
            var before = Decide(rules, question);

            Assert.True(!before || Decide([.. rules, Rule(random, "allow")], question));
            Assert.True(before || !Decide([.. rules, Rule(random, "deny")], question));
            var shuffled = rules.ToArray();
            random.Shuffle(shuffled);
            Assert.Equal(before, Decide(shuffled, question));
        }
    }

    [Fact]
    public void What_the_rules_say_one_by_one_is_the_decision()
    {
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var rules = Enumerable.Range(0, random.Next(6)).Select(_ => Rule(random, random.Next(3) == 0 ? "deny" : "allow"));
            var policy = Read(string.Join('\n', rules.Prepend("coco policy 1")));
            var question = Question(random);
            var said = policy.Explain(question).Where(remark => remark.Applies).Select(remark => remark.Reason).ToArray();
            var expected = said.Contains("forbids it") ? PolicyOutcome.Denied : said.Contains("allows it") ? PolicyOutcome.Allowed : PolicyOutcome.NoRule;
            Assert.Equal(expected, policy.Decide(question).Outcome);
        }
        Assert.True(Policy.TryDecode("coco policy 1\nallow service ssh from anyone\nforbid all\n"u8, out var later));
        Assert.Equal(
            ("forbid all", true, "forbids everything before Coco is updated"),
            later.Explain(Service("ssh", Node(Role.Guest))).Select(remark => (remark.Rule, remark.Applies, remark.Reason)).First());
    }

    [Fact]
    public void Bytes_of_all_kinds_are_read_or_refused_without_an_exception()
    {
        var random = new Random(10);
        var seed = Read(Sample).Encode();
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;
        for (var i = 0; i < count; i++)
        {
            var bytes = Mutation.Of(seed, random);
            if (!Policy.TryDecode(bytes, out var policy)) { continue; }
            Assert.NotEmpty(policy.Decide(Question(random)).Explain());
            Assert.True(Policy.TryDecode(policy.Encode(), out var again));
            Assert.Equal(policy.ToString(), again.ToString());
        }
    }

    private static string Rule(Random random, string verb)
    {
        string[] whats = ["service *", "service ssh", "service http", "publish #", "publish home/+", "subscribe home/#"];
        string[] whos = ["anyone", "role guest", "role admin", "app chat", "tag kitchen", "role guest tag kitchen", $"user {Ada}"];
        var to = random.Next(3) == 0 ? $" to {whos[random.Next(whos.Length)]}" : "";
        return $"{verb} {whats[random.Next(whats.Length)]} from {whos[random.Next(whos.Length)]}{to}";
    }

    private static PolicyQuestion Question(Random random)
    {
        var kind = (PolicyKind)random.Next(3);
        var name = kind is PolicyKind.Service ? new[] { "ssh", "http", "smb" }[random.Next(3)] : new[] { "home", "home/door", "office" }[random.Next(3)];
        return new(kind, name, Party(), Party());

        PolicyParty Party() => Node((Role)random.Next(1, 3), random.Next(2) == 0 ? "chat" : "", random.Next(2) == 0 ? ["kitchen"] : []);
    }

    private static bool Decide(IEnumerable<string> rules, PolicyQuestion question) =>
        Read(string.Join('\n', rules.Prepend("coco policy 1"))).Decide(question).IsAllowed;

    private static Policy Read(string text)
    {
        Assert.True(Policy.TryParse(text, out var policy, out var error), error);
        return policy;
    }

    private static PolicyQuestion Service(string name, PolicyParty from, PolicyParty? to = null) =>
        new(PolicyKind.Service, name, from, to ?? Node(Role.Guest));

    private static PolicyParty Node(Role role, string app = "", params string[] tags) => new(Ada, role, app.Length == 0 ? default : new(app), tags);
}

using System.Buffers.Text;
using System.Text.Json.Nodes;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Client;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>A control plane that omits, reorders, repeats, cuts, alters and makes up can deny service, and nothing else.</summary>
public sealed class HostilePlaneTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-hostile-" + Guid.NewGuid().ToString("n")[..12]);
    private readonly HostilePlane _hostile = new();
    private TestPlane _plane = null!;
    private Developer _developer = null!;
    private NetworkAuthority _owner = null!;
    private HttpClient _http = null!;

    private string Memory => Path.Combine(_folder, "seen");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        _plane = await TestPlane.StartAsync();
        _developer = await Developer.CreateAsync(_plane);
        _owner = await _developer.FoundAsync(new() { MemoryPath = Memory });
        using var node = IdentityKey.Generate();
        foreach (var name in new[] { "one", "two", "three" }) { await _owner.RenameAsync(node.Id, name); }
        _http = new HttpClient(_hostile, disposeHandler: false) { BaseAddress = _plane.Host.Addresses[0] };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _hostile.Dispose();
        _developer.Dispose();
        await _plane.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("omit-first")]
    [InlineData("omit-middle")]
    [InlineData("reorder")]
    [InlineData("repeat")]
    [InlineData("cut")]
    [InlineData("alter")]
    [InlineData("renumber")]
    [InlineData("foreign")]
    [InlineData("forge")]
    [InlineData("empty")]
    public async Task Statements_that_were_tampered_with_are_not_taken(string how)
    {
        var foreign = await _developer.FoundAsync();
        var foreigners = (await _developer.Client().ListStatementsAsync(foreign.Network)).Items.Select(item => item.Statement).ToArray();
        _hostile.Change = (request, answer) => IsStatements(request) ? Tamper(answer, how, foreigners) : null;

        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => OpenAsync());

        Assert.Equal(ControlPlaneError.RolledBack, refused.Code);
        Assert.NotEmpty(_hostile.Changed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_control_plane_that_forgets_is_found_out(bool afterRestart)
    {
        var authority = await OpenAsync(new() { MemoryPath = Memory });
        _hostile.Change = static (request, answer) => IsStatements(request) ? Shown(answer, 4) : null;

        var refused = await Assert.ThrowsAsync<ControlPlaneException>(async () =>
        {
            if (afterRestart) { await OpenAsync(new() { MemoryPath = Memory }); }
            else { await authority.SetPolicyAsync(Policy.Empty); }
        });

        Assert.Equal(ControlPlaneError.RolledBack, refused.Code);
        Assert.Equal(5, (await _developer.Client().GetNetworkAsync(_owner.Network)).Statements); // nothing was signed on top of it
    }

    [Fact]
    public async Task A_withheld_revocation_is_withheld_and_no_more()
    {
        using var key = IdentityKey.Generate();
        await _owner.CertifyAsync(Developer.Information(_owner.Network, "van", key));
        await _owner.DestroyAsync(key.Id);
        _hostile.Change = static (request, answer) => IsStatements(request) ? Shown(answer, 5) : null;

        var fooled = await OpenAsync(); // remembers nothing, as on a new machine
        Assert.False(fooled.Log.State.Facts.RevokedNodes.ContainsKey(key.Id));

        // What the owner signed keeps its effect as soon as anybody tells of it.
        foreach (var statement in _owner.Log.CollectMissing([], [], int.MaxValue)) { fooled.Log.Add(statement); }
        Assert.True(fooled.Log.State.Facts.RevokedNodes.ContainsKey(key.Id));
        Assert.Equal(_owner.Log.State.Canonical.ToArray(), fooled.Log.State.Canonical.ToArray());
    }

    [Fact]
    public async Task A_statement_that_is_taken_and_not_shown_is_found_out()
    {
        var authority = await OpenAsync();
        _hostile.Change = static (request, answer) => IsStatements(request) ? Shown(answer, 5) : null;

        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => authority.SetPolicyAsync(Policy.Empty));

        Assert.Equal(ControlPlaneError.RolledBack, refused.Code);
    }

    [Fact]
    public async Task An_admission_that_was_tampered_with_makes_no_member()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var thief = IdentityKey.Generate();
        var link = await _owner.InviteAsync();
        var client = new ControlPlaneClient(_http, _ => ValueTask.FromResult<string?>(null), _plane.Time);
        await using var export = await Node.ExportAsync(_owner.Network, Developer.NodeOptions("guest"), patience.Token);
        var asked = await client.AskToJoinAsync(link, export.Text, patience.Token);
        var admitted = await _owner.AnswerAsync(link, cancellationToken: patience.Token);
        Assert.True(AdmissionInformation.TryImport(admitted!.Admission, export.Id, out var honest));
        Assert.True(NodeInformation.TryImport(export.Text, out var information));
        var forged = NodeCertificate.Sign(thief, _owner.Log.State.OwnerAuthority, NodeCertificate.Read(honest.Certificate.Span)!.Admission);
        var elsewhere = await _developer.FoundAsync(key: thief);
        AdmissionInformation[] tampered =
        [
            honest with { Certificate = forged.Encoded },
            honest with { Statements = [] },
            honest with { Statements = [.. honest.Statements.Skip(1)] },
            honest with { Statements = [.. honest.Statements.Select(Altered)] },
            honest with { Statements = [.. elsewhere.Log.CollectMissing([], [], int.MaxValue).Select(statement => statement.Encoded)] },
            honest with { Network = elsewhere.Network },
            honest with { Certificate = Altered(honest.Certificate) },
        ];

        foreach (var admission in tampered)
        {
            _hostile.Change = (request, answer) => request.RequestUri!.AbsolutePath.Contains("/requests/", StringComparison.Ordinal) ? With(answer, "admission", admission.Export()) : null;
            var shown = await client.WaitForAdmissionAsync(link, asked.Id, patience.Token);
            await Assert.ThrowsAsync<CocoException>(() => export.ImportAsync(shown, patience.Token));
        }
        Assert.Equal(tampered.Length, _hostile.Changed.Count);
        await using var node = await export.ImportAsync(admitted.Admission, patience.Token); // the honest one is taken still
    }

    [Fact]
    public async Task A_control_plane_that_makes_a_guest_an_admin_or_asks_twice_gets_nothing()
    {
        var link = await _owner.InviteAsync();
        var (first, second) = (Developer.Information(_owner.Network, "first"), Developer.Information(_owner.Network, "second"));
        await _developer.Client().AskToJoinAsync(link, first);
        await _developer.Client().AskToJoinAsync(link, second);
        var authority = await OpenAsync();
        var answers = 0;
        // It says that it has not taken the first answer, and shows the other request alone.
        _hostile.Change = (request, answer) =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/answer", StringComparison.Ordinal)) { answers++; }
            if (!request.RequestUri.AbsolutePath.EndsWith("/requests", StringComparison.Ordinal) || answers == 0) { return null; }
            var items = answer["items"]!.AsArray();
            foreach (var item in items.Where(item => item!["isAnswered"]!.GetValue<bool>()).ToArray()) { items.Remove(item); }
            return answer;
        };

        var let = await authority.AnswerAsync(link);
        var again = await authority.AnswerAsync(link);

        Assert.NotNull(let);
        Assert.Null(again);
        Assert.Single((await _developer.Client().ListNodesAsync(_owner.Network)).Items);
        Assert.Equal(["owner"], (await _developer.Client().ListRolesAsync(_owner.Network)).Items.Select(role => role.Role));
    }

    private Task<NetworkAuthority> OpenAsync(AuthorityOptions? options = null) =>
        _developer.OpenAsync(_owner.Network, _developer.Key, options, new(_http, _ => ValueTask.FromResult<string?>(_developer.Token), _plane.Time));

    private static bool IsStatements(HttpRequestMessage request) => request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith("/statements", StringComparison.Ordinal);

    private static JsonNode With(JsonNode answer, string member, string value)
    {
        answer[member] = value;
        return answer;
    }

    // As if there were only so many.
    private static JsonNode Shown(JsonNode answer, int most)
    {
        var items = answer["items"]!.AsArray();
        foreach (var item in items.Where(item => item!["number"]!.GetValue<long>() > most).ToArray()) { items.Remove(item); }
        return answer;
    }

    private static ReadOnlyMemory<byte> Altered(ReadOnlyMemory<byte> bytes)
    {
        var altered = bytes.ToArray();
        altered[^70] ^= 1;
        return altered;
    }

    private JsonNode Tamper(JsonNode answer, string how, string[] foreigners)
    {
        var texts = answer["items"]!.AsArray().Select(item => item!["statement"]!.GetValue<string>()).ToList();
        switch (how)
        {
            case "omit-first": texts.RemoveAt(0); break;
            case "omit-middle": texts.RemoveAt(2); break;
            case "reorder": (texts[2], texts[3]) = (texts[3], texts[2]); break;
            case "repeat": texts.Insert(2, texts[1]); break;
            case "cut": texts[3] = texts[3][..^8]; break;
            case "alter": texts[3] = Base64Url.EncodeToString(Altered(Base64Url.DecodeFromChars(texts[3])).Span); break;
            case "foreign": texts[2] = foreigners[1]; break;
            case "forge": texts.Add(Forged()); break;
            case "empty": texts.Clear(); break;
        }
        var number = how == "renumber" ? 7 : 1;
        answer["items"] = new JsonArray([.. texts.Select(text => (JsonNode)new JsonObject { ["number"] = number++, ["statement"] = text })]);
        return answer;
    }

    // By a key in no office: the best that somebody without the owner's key can make.
    private string Forged()
    {
        using var key = IdentityKey.Generate();
        var statement = Statement.Sign(
            key, _owner.Network, 0, default, _owner.Log.State.OwnerAuthority, [], 1, new StatementBody.GrantRole(new(key.Id), Role.Admin, []));
        return Base64Url.EncodeToString(statement.Encoded.Span);
    }
}

using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.ControlPlane.Invitations;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Tests.OAuth;
using Coco.Crypto;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>Notes by mail to people who are invited, on either engine.</summary>
public abstract class InvitationNoteTests
{
    private const string Inviter = "ada@example.org";
    private const string Invited = "grace@example.com";

    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task A_note_tells_who_invites_to_what_and_holds_no_key()
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane, "Lovelace family");
        var link = await scene.Owner.InviteAsync();

        await scene.Client.CreateInvitationNoteAsync(scene.Owner.Network, link.Invitation, " Grace@Example.COM ");
        var mail = await plane.Mails.NextAsync();

        Assert.Equal((Invited, "You are invited to a private network"), (mail.To.Text, mail.Subject));
        Assert.Contains($"{Inviter} invites you to the private network \"Lovelace family\"", mail.Text, StringComparison.Ordinal);
        Assert.Contains(link.ToText()[..(link.ToText().IndexOf("/join/", StringComparison.Ordinal) + 6)], mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(link.Ticket.ToText()[5..], mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(link.Invitation, mail.Text, StringComparison.Ordinal); // the name is half of what lets strangers ask
        Assert.All(plane.Log.Lines, static line => Assert.DoesNotContain(Invited, line, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(plane.Log.Lines, static line => line.Contains("createInvitationNote", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_of_the_address_stays()
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane);
        var link = await scene.Owner.InviteAsync();
        var path = $"/v1/networks/{scene.Owner.Network}/invitations/{link.Invitation}/notes";
        using var sent = await plane.SendAsync("POST", path, scene.Token, new CreateInvitationNoteRequest(Invited), ("Idempotency-Key", "k"));
        using var again = await plane.SendAsync("POST", path, scene.Token, new CreateInvitationNoteRequest(Invited), ("Idempotency-Key", "k"));
        await plane.Host.Services.GetRequiredService<MailCourier>().RunOnceAsync(default);

        var rest = await plane.Database.ReadAsync(
            static session => session.QueryAsync(
                $"SELECT recipient AS x, '' AS t FROM invitation_notes UNION ALL SELECT sealed, id FROM mails UNION ALL SELECT NULL, subject FROM audit_events UNION ALL SELECT body, request_hash FROM idempotency_keys",
                static row => Convert.ToHexString(row.BytesOrNull("x") ?? []) + row.Text("t")),
            default);
        var guess = SHA256.HashData(Encoding.UTF8.GetBytes($"POST {path}\n{{\"email\":\"{Invited}\"}}")); // that the key of an answer must not be
        string[] spellings = [Invited, Convert.ToHexString(Encoding.UTF8.GetBytes(Invited)), Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Invited))), Convert.ToHexString(guess)];

        Assert.Equal([202, 202], new[] { (int)sent.StatusCode, (int)again.StatusCode });
        Assert.Single(plane.Mails.TakeAll());
        Assert.True(rest.Count >= 4);
        Assert.All(spellings, spelling => Assert.All(rest, row => Assert.DoesNotContain(spelling, row, StringComparison.OrdinalIgnoreCase)));
        plane.Time.Advance(TimeSpan.FromDays(1.1));
        await plane.Host.Services.GetRequiredService<Housekeeping>().SweepAsync(default);
        Assert.False(await plane.Database.ReadAsync(static session => session.AnyAsync($"SELECT 1 FROM invitation_notes"), default));
    }

    [Fact]
    public async Task An_invitation_a_person_and_a_network_have_so_many_a_day()
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane);
        var codes = new List<ControlPlaneError>();
        var last = await scene.Owner.InviteAsync(new() { Lifetime = TimeSpan.FromDays(7) });
        for (var invitation = 0; invitation < 7; invitation++)
        {
            var link = await scene.Owner.InviteAsync(new() { Lifetime = TimeSpan.FromDays(7) });
            for (var i = 0; i < (invitation == 0 ? 4 : 3); i++) { codes.Add(await scene.TryAsync(link, $"p{invitation}-{i}@example.com")); }
        }
        plane.Time.Advance(TimeSpan.FromHours(25));
        var later = await scene.TryAsync(last, Invited);

        Assert.Equal(ControlPlaneError.Conflict, codes[3]); // the fourth of one
        Assert.Equal(20, codes.Count(static code => code is ControlPlaneError.Unknown));
        Assert.Equal(ControlPlaneError.TooManyRequests, codes[^1]);
        Assert.Equal(ControlPlaneError.Unknown, later);
    }

    [Fact]
    public async Task Nobody_gets_many_and_who_sends_does_not_hear_of_it()
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane);
        var (first, second) = (await scene.Owner.InviteAsync(), await scene.Owner.InviteAsync());

        foreach (var link in new[] { first, first, second, second }) { Assert.Equal(ControlPlaneError.Unknown, await scene.TryAsync(link, Invited)); }
        await plane.Host.Services.GetRequiredService<MailCourier>().RunOnceAsync(default);

        Assert.Equal(3, plane.Mails.TakeAll().Count);
    }

    [Fact]
    public async Task Who_wants_no_notes_gets_none()
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane);
        using var browser = new Browser(plane);
        var link = await scene.Owner.InviteAsync();
        await scene.Client.CreateInvitationNoteAsync(scene.Owner.Network, link.Invitation, Invited);
        var path = (await plane.Mails.NextAsync()).Text.Split('\n').Single(static line => line.Contains("/no-notes", StringComparison.Ordinal)).Split(plane.Http.BaseAddress!.Authority)[1];

        var wrong = await browser.SendAsync(await browser.GetAsync(path[..^3]));
        var done = await browser.SendAsync(await browser.GetAsync(path));
        var again = await browser.SendAsync(await browser.GetAsync(path));
        var sent = await scene.TryAsync(link, Invited);
        await scene.TryAsync(link, "other@example.com");

        Assert.Equal([400, 200, 200], new[] { wrong.Status, done.Status, again.Status });
        Assert.Equal(ControlPlaneError.Unknown, sent);
        Assert.Equal("other@example.com", (await plane.Mails.NextAsync()).To.Text);
        await plane.Host.Services.GetRequiredService<MailCourier>().RunOnceAsync(default);
        Assert.Empty(plane.Mails.TakeAll());
    }

    [Theory]
    [InlineData("grace@example.com\r\nBcc: all@example.com")]
    [InlineData("grace@example.com, all@example.com")]
    [InlineData("\"Grace\" <grace@example.com>")]
    [InlineData("grace")]
    [InlineData("")]
    public async Task Only_one_address_is_an_address(string email)
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane);

        Assert.Equal(ControlPlaneError.Invalid, await scene.TryAsync(await scene.Owner.InviteAsync(), email));
    }

    [Fact]
    public async Task What_is_over_is_not_told_of_nor_what_is_of_another_network()
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane);
        using var other = await Scene.CreateAsync(plane, inviter: "eve@example.org");
        var (revoked, expired, foreign) = (await scene.Owner.InviteAsync(), await scene.Owner.InviteAsync(new() { Lifetime = TimeSpan.FromHours(1) }), await other.Owner.InviteAsync());
        await scene.Client.RevokeInvitationAsync(scene.Owner.Network, revoked.Invitation);
        plane.Time.Advance(TimeSpan.FromHours(2));

        Assert.Equal([ControlPlaneError.Gone, ControlPlaneError.Gone, ControlPlaneError.NotFound], new[] { await scene.TryAsync(revoked, Invited), await scene.TryAsync(expired, Invited), await scene.TryAsync(foreign, Invited) });
        Assert.Empty(plane.Mails.TakeAll());
    }

    [Theory]
    [InlineData("home", true)]
    [InlineData("Ada's flat-share 2", true)]
    [InlineData("Gräfin Lovelace", true)]
    [InlineData("हिन्दी", true)]
    [InlineData("", false)]
    [InlineData("pay at evil.example", false)]
    [InlineData("https://evil", false)]
    [InlineData("a@b", false)]
    [InlineData("call 0900123456", false)]
    [InlineData("two\nlines", false)]
    [InlineData("turned \u202Earound", false)]
    [InlineData("more than thirty-two characters are too many", false)]
    public void A_name_that_is_more_than_a_name_is_left_out(string name, bool isPlain) => Assert.Equal(isPlain, InvitationNotes.IsPlainName(name));

    [Fact]
    public async Task A_networks_name_that_is_more_than_a_name_is_not_in_the_mail()
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane, "win at evil.example/now");

        Assert.Equal(ControlPlaneError.Unknown, await scene.TryAsync(await scene.Owner.InviteAsync(), Invited));
        var mail = await plane.Mails.NextAsync();

        Assert.Contains("invites you to a private network, by", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_whole_message_is_for_the_inviters_own_mail_program()
    {
        await using var plane = await StartAsync();
        using var scene = await Scene.CreateAsync(plane);
        var link = await scene.Owner.InviteAsync();

        var uri = link.ToMailLink("grace+x@example.com?bcc=all@example.com&subject=x");
        var (head, query) = (uri.Split('?')[0], uri.Split('?')[1]);
        var body = Uri.UnescapeDataString(query.Split("&body=")[1]);

        Assert.Equal(2, uri.Split('?').Length);
        Assert.Equal("grace+x@example.com?bcc=all@example.com&subject=x", Uri.UnescapeDataString(head["mailto:".Length..]));
        Assert.Equal(["subject", "body"], query.Split('&').Select(static part => part.Split('=')[0]));
        Assert.True(JoinLink.TryParse(body.Split("\r\n").Single(static line => line.StartsWith("http", StringComparison.Ordinal)), out var read));
        Assert.Equal(link.Ticket.Id, read.Ticket.Id);
        Assert.StartsWith("mailto:?subject=", link.ToMailLink(), StringComparison.Ordinal);
    }

    // A person with a network of the person's own.
    private sealed class Scene : IDisposable
    {
        private readonly HttpClient _http;
        private readonly IdentityKey _key = IdentityKey.Generate();

        private Scene(HttpClient http, string token, TimeProvider time) => (_http, Token, Client) = (http, token, new(http, _ => ValueTask.FromResult<string?>(token), time));

        public string Token { get; }

        public ControlPlaneClient Client { get; }

        public NetworkAuthority Owner { get; private set; } = null!;

        public static async Task<Scene> CreateAsync(TestPlane plane, string network = "home", string inviter = Inviter)
        {
            var (account, _) = await plane.CreateAccountAsync(inviter);
            var now = plane.Time.GetUtcNow();
            var token = await plane.IssueTokenAsync(new(Identifiers.New("tok"), Tokens.TokenKind.Session, account, null, null, [], now, now.AddDays(10)));
            var scene = new Scene(new() { BaseAddress = plane.Host.Addresses[0] }, token, plane.Time);
            scene.Owner = await NetworkAuthority.CreateAsync(scene.Client, scene._key, new() { Name = network });
            return scene;
        }

        /// <summary>What is wrong with a note; <see cref="ControlPlaneError.Unknown"/> when nothing is.</summary>
        public async Task<ControlPlaneError> TryAsync(JoinLink link, string email)
        {
            try
            {
                await Client.CreateInvitationNoteAsync(Owner.Network, link.Invitation, email);
                return ControlPlaneError.Unknown;
            }
            catch (ControlPlaneException exception)
            {
                return exception.Code;
            }
        }

        public void Dispose()
        {
            Owner.Dispose();
            _key.Dispose();
            _http.Dispose();
        }
    }
}

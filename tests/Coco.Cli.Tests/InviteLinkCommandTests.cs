namespace Coco.Cli.Tests;

/// <summary><c>coco invite --link</c> and what belongs to it, with daemons and a control plane that is a process.</summary>
public sealed class InviteLinkCommandTests
{
    private const string Variable = "COCO_CONTROL_TOKEN";

    [Fact]
    public async Task A_link_lets_one_in_and_is_listed_and_the_control_plane_never_has_its_ticket()
    {
        using var plane = await ControlPlaneProcess.StartAsync();
        await using var laptop = await RegisteredAsync(plane);
        await using var kitchen = await TestDaemon.StartAsync();

        var made = await laptop.AskAsync("invite", "--link", "--control", plane.Address, "--expires", "2h");
        var link = made.GetProperty("link").GetString()!;
        var listed = await laptop.AskAsync("invite", "list", "--control", plane.Address);
        var joined = await kitchen.DoAsync("join", link, "--node-name", "kitchen");

        Assert.StartsWith($"{plane.Address}/join/{made.GetProperty("invitation").GetString()}#coco1", link, StringComparison.Ordinal);
        var one = Assert.Single(listed.GetProperty("invitations").EnumerateArray());
        Assert.Equal((made.GetProperty("invitation").GetString(), "open", "guest"), (one.GetProperty("id").GetString(), one.GetProperty("state").GetString(), one.GetProperty("role").GetString()));
        Assert.Equal(made.GetProperty("expires").GetDateTimeOffset(), one.GetProperty("expires").GetDateTimeOffset());
        Assert.Contains("You are in home, as guest", joined, StringComparison.Ordinal);
        Assert.DoesNotContain(link.Split('#')[1], plane.Stored(), StringComparison.Ordinal);
        Assert.Matches(@"INVITATION +STATE +ROLE +SUB-CLUSTER +UNTIL\s+inv_\S+ +open +guest", await laptop.DoAsync("invite", "list", "--control", plane.Address));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_that_is_taken_back_lets_nobody_in_here_or_there(bool isByLink)
    {
        using var plane = await ControlPlaneProcess.StartAsync();
        await using var laptop = await RegisteredAsync(plane);
        await using var kitchen = await TestDaemon.StartAsync();
        var made = await laptop.AskAsync("invite", "--link", "--control", plane.Address);
        var (link, name) = (made.GetProperty("link").GetString()!, made.GetProperty("invitation").GetString()!);

        var revoked = isByLink ? await laptop.AskAsync("invite", "revoke", link) : await laptop.AskAsync("invite", "revoke", name, "--control", plane.Address);
        var refused = await kitchen.RunAsync("join", link);

        Assert.True(revoked.GetProperty("isTicketRevoked").GetBoolean());
        Assert.NotEqual(ExitCode.Ok, refused.Code);
        Assert.Equal("revoked", (await laptop.AskAsync("invite", "list", "--control", plane.Address)).GetProperty("invitations")[0].GetProperty("state").GetString());
        using var http = new HttpClient();
        Assert.Contains("\"revoked\"", await http.GetStringAsync(new Uri($"{plane.Address}/v1/invitations/{name}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_note_goes_to_whom_is_invited_and_what_is_wrong_with_it_costs_no_link()
    {
        using var plane = await ControlPlaneProcess.StartAsync();
        await using var laptop = await RegisteredAsync(plane);

        var made = await laptop.RunAsync("invite", "--link", "--control", plane.Address, "--note", "grace@example.org");
        var mail = await plane.MailAsync("grace@example.org");
        var wrong = await laptop.RunAsync("invite", "--link", "--control", plane.Address, "--note", "nobody");
        var again = await laptop.RunAsync("invite", "note", made.Output.Trim(), "rosa@example.org");

        Assert.Equal(ExitCode.Ok, made.Code);
        Assert.Contains("whether the address gets any it tells nobody", made.Error, StringComparison.Ordinal);
        Assert.Contains("ada@example.org invites you", mail, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Output.Trim().Split('#')[1], mail, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, wrong.Code);
        Assert.Matches("#coco1", wrong.Output);
        Assert.Contains("The link is made, and the note is not sent", wrong.Error, StringComparison.Ordinal);
        Assert.True(again.Code is ExitCode.Ok, again.Error);
        Assert.Contains("ada@example.org invites you", await plane.MailAsync("rosa@example.org"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_plane_that_the_network_lists_needs_no_name_and_mistakes_are_said()
    {
        using var plane = await ControlPlaneProcess.StartAsync();
        await using var laptop = await RegisteredAsync(plane);

        var unnamed = await laptop.RunAsync("invite", "--link");
        var noLink = await laptop.RunAsync("invite", "--note", "grace@example.org");
        var unknown = await laptop.RunAsync("invite", "revoke", "inv_unknown", "--control", plane.Address);
        var nobody = await laptop.DoAsync("invite", "answer", await laptop.DoAsync("invite", "--link", "--control", plane.Address));
        var noAnswer = await laptop.RunAsync("invite", "answer", "inv_unknown");
        var half = await laptop.RunAsync("join", $"{plane.Address}/join/inv_x");
        var plain = await laptop.RunAsync("invite", "--link", "--control", "http://192.0.2.1");
        laptop.Set(Variable, null);
        var noToken = await laptop.RunAsync("invite", "list", "--control", plane.Address);

        Assert.Contains("--control https://", unnamed.Error, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Ok, unnamed.Code);
        Assert.Equal((ExitCode.Usage, true), (noLink.Code, noLink.Error.Contains("--link", StringComparison.Ordinal)));
        Assert.Equal(ExitCode.NotFound, unknown.Code);
        Assert.Contains("Nobody has asked", nobody, StringComparison.Ordinal);
        Assert.Contains("not all of it", noAnswer.Error, StringComparison.Ordinal);
        Assert.Contains("not all of the link", half.Error, StringComparison.Ordinal);
        Assert.Contains("not encrypted", plain.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.NotPermitted, true), (noToken.Code, noToken.Error.Contains(Variable, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Who_asked_while_the_device_was_off_is_let_in_later()
    {
        using var plane = await ControlPlaneProcess.StartAsync();
        await using var laptop = await RegisteredAsync(plane);
        var link = (await laptop.DoAsync("invite", "--link", "--control", plane.Address, "--tag", "server")).Trim();
        Assert.True(ControlPlane.Client.JoinLink.TryParse(link, out var read));
        using var http = new HttpClient { BaseAddress = new(plane.Address) };
        var stranger = new ControlPlane.Client.ControlPlaneClient(http, static _ => new((string?)null));

        // An app with the library, by which a newcomer asks.
        await using var export = await Node.ExportAsync(read.Ticket.Network, new() { Name = "phone", App = new("org.example.home"), ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)], DiscoverOnLan = false });
        var asked = await stranger.AskToJoinAsync(read, export.Text);
        var answered = await laptop.AskAsync("invite", "answer", link);
        await using var phone = await export.ImportAsync(await stranger.WaitForAdmissionAsync(read, asked.Id));
        var again = await laptop.AskAsync("invite", "answer", link); // the same one: nobody knows what it has heard
        await using var other = await Node.ExportAsync(read.Ticket.Network, new() { Name = "late", App = new("org.example.home"), ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)], DiscoverOnLan = false });
        var late = await Assert.ThrowsAsync<ControlPlane.Client.ControlPlaneException>(() => stranger.AskToJoinAsync(read, other.Text));

        Assert.Equal(export.Id.ToString(), answered.GetProperty("node").GetString());
        Assert.Equal("home", phone.NetworkName);
        Assert.Equal(export.Id.ToString(), again.GetProperty("node").GetString());
        Assert.Equal(ControlPlane.Client.ControlPlaneError.Gone, late.Code);
        Assert.Equal("used", (await laptop.AskAsync("invite", "list", "--control", plane.Address)).GetProperty("invitations")[0].GetProperty("state").GetString());
    }

    private static async Task<TestDaemon> RegisteredAsync(ControlPlaneProcess plane)
    {
        var laptop = await TestDaemon.StartAsync();
        await laptop.DoAsync("net", "create", "home", "--node-name", "laptop");
        laptop.Set(Variable, await plane.TokenAsync("ada@example.org"));
        await laptop.DoAsync("net", "control", "register", plane.Address);
        return laptop;
    }
}

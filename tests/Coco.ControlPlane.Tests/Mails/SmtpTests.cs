using System.Net;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Mails;

/// <summary>Mail that goes to a mail server which others wrote.</summary>
public sealed class SmtpTests : IDisposable
{
    private const string User = "coco";
    private const string Secret = "correct horse";

    private readonly string _folder = Directory.CreateTempSubdirectory("coco-smtp-").FullName;
    private readonly MailAuthority _authority = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("StartTls")]
    [InlineData("Tls")]
    [InlineData("None")]
    public async Task It_goes_by_TLS_signed_in_and_whole(string security)
    {
        await using var server = await StartAsync(security, User);
        await using var plane = await StartPlaneAsync(server, settings => settings with { Security = Enum.Parse<MailSecurity>(security), User = User, PasswordFile = WritePassword(Secret) });
        await TellAsync(plane, "ada@example.org", "One line.\n.\nA dot alone, and ünïcode.\nFrom here on.");
        await SendAsync(plane);

        var mail = await server.NextAsync();
        Assert.Equal((security != "None", User, "no-reply@control.example"), (mail.IsSecure, mail.User, mail.From));
        Assert.Equal(["ada@example.org"], mail.To);
        Assert.Equal("\"Coco\" <no-reply@control.example>", mail.Message.From.ToString());
        Assert.Equal("ada@example.org", mail.Message.To.ToString());
        Assert.Equal("Your password was changed", mail.Message.Subject);
        Assert.Equal("One line.\n.\nA dot alone, and ünïcode.\nFrom here on.", mail.Message.TextBody!.ReplaceLineEndings("\n").TrimEnd('\n'));
        Assert.Equal(plane.Time.GetUtcNow(), mail.Message.Date);
        Assert.Matches(@"^[0-9]{8}-[0-9]{6}_mail_[A-Za-z0-9_-]+@127\.0\.0\.1$", mail.Message.MessageId);
        Assert.Equal("auto-generated", mail.Message.Headers[MimeKit.HeaderId.AutoSubmitted]);
        Assert.Equal(0, await WaitingAsync(plane));
    }

    [Theory]
    [InlineData("StartTls", true, "localhost")] // the authority is unknown
    [InlineData("Tls", true, "localhost")]
    [InlineData("StartTls", false, "elsewhere.example")] // the authority is known, the name another
    [InlineData("Tls", false, "elsewhere.example")]
    public async Task A_certificate_that_is_not_trusted_gets_no_password_and_no_mail(string security, bool isUnknown, string name)
    {
        var authority = new MailAuthority(name);
        await using var server = await SmtpServer.StartAsync(new { security, key = authority.KeyPem, cert = authority.CertificatePem, user = User, password = Secret });
        var known = isUnknown ? null : Write("authority.pem", authority.AuthorityPem);
        await using var plane = await StartPlaneAsync(server, settings => settings with { Security = Enum.Parse<MailSecurity>(security), AuthorityFile = known, User = User, Password = Secret });
        await TellAsync(plane, "ada@example.org");
        await SendAsync(plane);

        Assert.Equal((0, 0, 1), (server.SignIns, server.TakeAll().Count, await WaitingAsync(plane)));
        Assert.Contains(plane.Log.Lines, static line => line.Contains("certificate is not trusted", StringComparison.Ordinal) && line.Contains("is tried again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_STARTTLS_gets_nothing()
    {
        await using var server = await StartAsync("None");
        await using var plane = await StartPlaneAsync(server, static settings => settings with { Security = MailSecurity.StartTls });
        await TellAsync(plane, "ada@example.org");
        await SendAsync(plane);

        Assert.Empty(server.TakeAll());
        Assert.Equal(1, await WaitingAsync(plane));
        Assert.Contains(plane.Log.Lines, static line => line.Contains("offers less than the settings want", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_password_keeps_mail_until_it_is_put_right_without_a_restart()
    {
        await using var server = await StartAsync("StartTls", User);
        var file = WritePassword("battery staple");
        await using var plane = await StartPlaneAsync(server, settings => settings with { User = User, PasswordFile = file });
        await TellAsync(plane, "ada@example.org");
        await SendAsync(plane);
        var refused = (Waiting: await WaitingAsync(plane), Sent: server.TakeAll().Count);

        WritePassword(Secret);
        plane.Time.Advance(TimeSpan.FromMinutes(10));
        await SendAsync(plane);

        Assert.Equal((1, 0), refused);
        Assert.Equal(["ada@example.org"], (await server.NextAsync()).To);
        Assert.Equal(0, await WaitingAsync(plane));
        Assert.Contains(plane.Log.Lines, static line => line.Contains("does not let Mail.User in", StringComparison.Ordinal));
        Assert.All(plane.Log.Lines, static line => Assert.DoesNotContain("battery", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("busy-2@example.org", "450 4.2.1")]
    [InlineData("later-2@example.org", "451 4.3.0")]
    public async Task What_is_refused_for_now_is_tried_again_under_one_Message_ID(string to, string code)
    {
        await using var server = await StartAsync("None");
        await using var plane = await StartPlaneAsync(server, Plain);
        await TellAsync(plane, to);
        for (var i = 0; i < 2; i++)
        {
            await SendAsync(plane);
            Assert.Equal(1, await WaitingAsync(plane));
            plane.Time.Advance(TimeSpan.FromMinutes(1));
        }
        await SendAsync(plane);

        Assert.Equal([to], Assert.Single(server.TakeAllAfter(await server.NextAsync())).To);
        Assert.Equal(0, await WaitingAsync(plane));
        Assert.Equal(2, plane.Log.Lines.Count(line => line.Contains($"answered {code}", StringComparison.Ordinal) && line.Contains("is tried again", StringComparison.Ordinal)));
        Assert.All(plane.Log.Lines, line => Assert.DoesNotContain(to, line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gone@example.org", "550 5.1.1", "there is no such address")]
    [InlineData("spam@example.org", "554 5.7.1", "what it does not like")]
    public async Task What_is_refused_for_good_ends_and_the_log_says_what_to_do_and_not_whose_it_was(string to, string code, string advice)
    {
        await using var server = await StartAsync("None");
        await using var plane = await StartPlaneAsync(server, Plain);
        await TellAsync(plane, to);
        await TellAsync(plane, "ada@example.org"); // others go as ever
        await SendAsync(plane);

        Assert.Equal(["ada@example.org"], (await server.NextAsync()).To);
        Assert.Equal(0, await WaitingAsync(plane));
        var line = Assert.Single(plane.Log.Lines, static line => line.Contains(" 1785 ", StringComparison.Ordinal));
        Assert.StartsWith("Error", line, StringComparison.Ordinal);
        Assert.Contains(code, line, StringComparison.Ordinal);
        Assert.Contains(advice, line, StringComparison.Ordinal);
        Assert.All(plane.Log.Lines, logged => Assert.DoesNotContain(to, logged, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sender_that_is_refused_is_a_setting_that_is_wrong_so_mail_waits_for_another()
    {
        await using var server = await SmtpServer.StartAsync(new { security = "None", refusesSender = true });
        await using var plane = await StartPlaneAsync(server, Plain);
        await TellAsync(plane, "ada@example.org");
        await SendAsync(plane);

        Assert.Equal(1, await WaitingAsync(plane));
        Assert.Contains(plane.Log.Lines, static line => line.Contains("answered 553 5.7.1 to Mail.From", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_hangs_holds_up_nobody_for_long_and_one_that_is_away_is_tried_again()
    {
        await using var silent = await SmtpServer.StartAsync(new { silent = true });
        await using var hanging = await StartPlaneAsync(silent, static settings => Plain(settings) with { Timeout = TimeSpan.FromSeconds(1) });
        await TellAsync(hanging, "ada@example.org");
        await SendAsync(hanging).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await WaitingAsync(hanging));

        await using var server = await StartAsync("None");
        await using var plane = await StartPlaneAsync(server, static settings => Plain(settings) with { Timeout = TimeSpan.FromSeconds(2), MaxConnections = 2 });
        await TellAsync(plane, "hang@example.org");
        await TellAsync(plane, "ada@example.org");
        await SendAsync(plane).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["ada@example.org", "hang@example.org"], server.TakeAllAfter(await server.NextAsync()).SelectMany(static mail => mail.To).Order(StringComparer.Ordinal));
        Assert.Equal(1, await WaitingAsync(plane)); // nobody knows whether it was taken

        await server.DisposeAsync();
        plane.Time.Advance(TimeSpan.FromMinutes(1));
        await SendAsync(plane);
        Assert.Equal(1, await WaitingAsync(plane));
        Assert.Contains(plane.Log.Lines, static line => line.Contains("cannot be reached (ConnectionRefused)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connections_are_few_and_used_again()
    {
        await using var server = await StartAsync("StartTls", User);
        await using var plane = await StartPlaneAsync(server, static settings => settings with { User = User, Password = Secret, MaxConnections = 2 });
        for (var i = 0; i < 24; i++) { await TellAsync(plane, $"p{i}@example.org"); }
        await SendAsync(plane);

        var mails = new List<SmtpServer.Received>();
        for (var i = 0; i < 24; i++) { mails.Add(await server.NextAsync()); }
        Assert.Equal(24, mails.SelectMany(static mail => mail.To).Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(mails.Select(static mail => mail.Connection).Distinct(StringComparer.Ordinal).Count(), 1, 2);
        Assert.InRange(server.SignIns, 1, 2);
    }

    [Fact]
    public async Task A_person_registers_by_the_code_in_a_mail_that_came_by_SMTP()
    {
        await using var server = await StartAsync("StartTls");
        await using var plane = await StartPlaneAsync(server, static settings => settings);
        using var asked = await plane.SendAsync("POST", "/v1/accounts", body: new Credentials("ada@example.org", "a difference engine"));
        var mail = await server.NextAsync();
        var code = mail.Message.TextBody!.Split("?code=")[1].Split('\r', '\n')[0];
        var session = await plane.SendAsync<SessionToken>("POST", "/v1/accounts/confirm", body: new AccountConfirmation(code, "a difference engine"));

        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        Assert.NotEmpty(session.Token);
    }

    private static MailSettings Plain(MailSettings settings) => settings with { Security = MailSecurity.None };

    private Task<SmtpServer> StartAsync(string security, string? user = null) =>
        SmtpServer.StartAsync(new { security, key = _authority.KeyPem, cert = _authority.CertificatePem, user, password = user is null ? null : Secret });

    private Task<TestPlane> StartPlaneAsync(SmtpServer server, Func<MailSettings, MailSettings> change)
    {
        var mail = change(new() { Server = "localhost", Port = server.Port, From = "no-reply@control.example", AuthorityFile = Write("known.pem", _authority.AuthorityPem) });
        Assert.Empty(mail.Validate(null));
        return TestPlane.StartAsync(change: settings => settings with { Mail = mail });
    }

    private string WritePassword(string password) => Write("password", password + "\n");

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        return path;
    }

    private static async Task TellAsync(TestPlane plane, string email, string text = "It was.")
    {
        var outbox = plane.Host.Services.GetRequiredService<MailOutbox>();
        Assert.True(EmailAddress.TryParse(email, out var to));
        await outbox.WriteAsync(session => outbox.TellAsync(session, new(to, "Your password was changed", text)), default);
    }

    private static Task<int> SendAsync(TestPlane plane) => plane.Host.Services.GetRequiredService<MailCourier>().RunOnceAsync(default);

    private static async Task<long> WaitingAsync(TestPlane plane) => await plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM mails"), default) ?? 0;
}

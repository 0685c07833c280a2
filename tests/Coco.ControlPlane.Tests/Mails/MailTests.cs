using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Mails;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Mails;

/// <summary>Mail that waits, on either engine.</summary>
public abstract class MailTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private protected const string Password = "a difference engine";


    [Fact]
    public async Task What_cannot_be_sent_waits_ever_longer_and_goes_under_one_name()
    {
        var attempts = new List<(TimeSpan At, string Id)>();
        var start = Plane.Time.GetUtcNow();
        Plane.Mails.Trouble = mail =>
        {
            lock (attempts) { attempts.Add((Plane.Time.GetUtcNow() - start, mail.Id)); }
            throw new IOException("ada@example.org is over quota");
        };
        await RegisterAsync("ada@example.org");
        for (var i = 0; i < 40 * 12; i++) // 40 minutes
        {
            await SendAsync();
            Plane.Time.Advance(TimeSpan.FromSeconds(5));
        }
        Plane.Mails.Trouble = null;
        Plane.Time.Advance(TimeSpan.FromMinutes(10));
        await SendAsync();

        var sent = Assert.Single(Plane.Mails.TakeAll());
        Assert.Equal(start, sent.Created);
        Assert.All(attempts, attempt => Assert.Equal(sent.Id, attempt.Id));
        Assert.Equal([0, 5, 15, 35, 75, 155, 315, 635, 1235, 1835], attempts.Select(attempt => attempt.At.TotalSeconds));
        Assert.Equal(0, await WaitingAsync());
        Assert.All(Plane.Log.Lines, static line => Assert.DoesNotContain("ada@", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_of_no_use_any_more_is_given_up_and_that_is_logged_and_counted()
    {
        using var counted = new Counted();
        Plane.Mails.Trouble = static _ => throw new IOException("no");
        await RegisterAsync("ada@example.org");
        await SendAsync();

        Plane.Time.Advance(TimeSpan.FromMinutes(61)); // longer than its code is good
        Plane.Mails.Trouble = null;
        await SendAsync();

        Assert.Empty(Plane.Mails.TakeAll());
        Assert.Equal(0, await WaitingAsync());
        Assert.Contains(Plane.Log.Lines, static line => line.Contains("is given up after 1 attempts", StringComparison.Ordinal));
        Assert.True(counted.Of("given_up") >= 1 && counted.Of("failed") >= 1); // of the whole process
    }

    [Fact]
    public async Task What_waits_outlives_a_restart_and_nobody_reads_it_in_the_database()
    {
        var seen = "";
        Plane.Mails.Trouble = mail =>
        {
            seen = mail.Text;
            throw new IOException("no");
        };
        await RegisterAsync("ada@example.org");
        await SendAsync();
        var code = seen.Split("?code=")[1].Split('\n')[0];
        var rest = await RestAsync();
        await Plane.RestartAsync();
        Plane.Mails.Trouble = null;
        Plane.Time.Advance(TimeSpan.FromMinutes(1));
        await SendAsync();
        var session = await Plane.SendAsync<SessionToken>("POST", "/v1/accounts/confirm", body: new AccountConfirmation(await Plane.Mails.NextCodeAsync(), Password));

        Assert.Equal(43, code.Length);
        Assert.NotEmpty(session.Token);
        Assert.DoesNotContain(code, rest, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(code)), rest, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("ada@", rest, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString("ada@"u8), rest, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await WaitingAsync());
    }

    [Fact]
    public async Task A_sender_that_hangs_holds_up_nobody_for_long()
    {
        var hanging = new TaskCompletionSource();
        Plane.Host.Services.GetRequiredService<MailCourier>().Patience = TimeSpan.FromMilliseconds(50);
        Plane.Mails.Trouble = mail => mail.To.Text.StartsWith("ada", StringComparison.Ordinal) ? hanging.Task : throw new IOException("no");
        await RegisterAsync("ada@example.org");
        await RegisterAsync("grace@example.org");
        await SendAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Contains(Plane.Log.Lines, static line => line.Contains("could not be sent (TimeoutException)", StringComparison.Ordinal));
        hanging.SetResult();
    }

    [Fact]
    public async Task Strangers_cannot_make_much_wait_for_an_address_nor_at_all()
    {
        using var counted = new Counted();
        await HoldAsync();
        for (var i = 0; i < 14; i++) { await TellAsync("ada@example.org"); }
        await FillAsync(100_000);
        using var refused = await Plane.SendAsync("POST", "/v1/accounts", body: new Credentials("grace@example.org", Password));
        await TellAsync("grace@example.org"); // of the own account all hear

        Assert.Equal(10, await Plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM mails WHERE id LIKE {"mail_%"} GROUP BY recipient ORDER BY 1 DESC"), default));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(100_011, await WaitingAsync());
        Assert.True(counted.Of("dropped") >= 4);
    }

    [Fact]
    public async Task Nobody_reads_from_the_rows_whether_an_address_has_an_account()
    {
        await Plane.RegisterAsync("known@example.org", Password);
        await SendAsync();
        await HoldAsync();
        foreach (var email in (string[])["known@example.org", "unknown@example.org"])
        {
            using var reset = await Plane.SendAsync("POST", "/v1/accounts/reset", body: new ResetRequest(email));
            Assert.Equal(HttpStatusCode.Accepted, reset.StatusCode);
        }
        var sizes = await Plane.Database.ReadAsync(static session => session.QueryAsync($"SELECT sealed FROM mails", static row => row.Bytes("sealed").Length), default);
        await HoldAsync(isHeld: false);
        await SendAsync();

        Assert.Equal(2, sizes.Count);
        Assert.Single(sizes.Distinct());
        Assert.Equal("known@example.org", Assert.Single(Plane.Mails.TakeAll()).To.Text);
        Assert.Equal(0, await WaitingAsync());
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("two\r\nBcc: everybody@example.org")]
    [InlineData("ünïcode")]
    [InlineData("\0")]
    public void No_subject_writes_headers(string subject)
    {
        Assert.True(EmailAddress.TryParse("ada@example.org", out var to));
        Assert.Throws<ArgumentException>(() => new Mail(to, subject, "text"));
        Assert.Throws<ArgumentException>(() => new Mail(to, "subject", "bell \a"));
    }

    private async Task RegisterAsync(string email)
    {
        using var asked = await Plane.SendAsync("POST", "/v1/accounts", body: new Credentials(email, Password));
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
    }

    private async Task TellAsync(string email)
    {
        var outbox = Plane.Host.Services.GetRequiredService<MailOutbox>();
        Assert.True(EmailAddress.TryParse(email, out var to));
        await outbox.WriteAsync(session => outbox.TellAsync(session, new(to, "Your password was changed", "It was.")), default);
    }

    private protected Task<int> SendAsync() => Plane.Host.Services.GetRequiredService<MailCourier>().RunOnceAsync(default);

    private protected async Task<long> WaitingAsync() => await Plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM mails"), default) ?? 0;

    // As another instance would that sends nothing.
    private Task<int> HoldAsync(bool isHeld = true)
    {
        var until = isHeld ? Plane.Time.GetUtcNow() + TimeSpan.FromMinutes(2) : DateTimeOffset.UnixEpoch;
        return Plane.Database.WriteAsync(session => session.ExecuteAsync($"INSERT INTO leases (name, holder, until) VALUES ({"mail"}, {"ins_none"}, {until}) ON CONFLICT (name) DO UPDATE SET holder = {"ins_none"}, until = {until}"), default);
    }

    private Task<int> FillAsync(int rows)
    {
        var now = Plane.Time.GetUtcNow();
        return Plane.Database.WriteAsync(
            session => session.ExecuteAsync(
                $"""
                INSERT INTO mails (id, recipient, sealed, position, attempts, created, next, expires)
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {(long)rows})
                SELECT 'fill' || i, {new byte[32]}, {new byte[32]}, i, 0, {now}, {now + TimeSpan.FromMinutes(1)}, {now + TimeSpan.FromDays(1)} FROM n
                """),
            default);
    }

    // All that the table holds.
    private async Task<string> RestAsync()
    {
        var rows = await Plane.Database.ReadAsync(
            static session => session.QueryAsync($"SELECT id, recipient, sealed FROM mails", static row => $"{row.Text("id")} {Convert.ToHexString(row.Bytes("recipient"))} {Convert.ToHexString(row.Bytes("sealed"))}"), default);
        Assert.NotEmpty(rows);
        return string.Join('\n', rows);
    }

    // What the process has counted since.
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, long> _outcomes = new(StringComparer.Ordinal);

        public Counted()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == MailMetrics.MeterName) { listener.EnableMeasurementEvents(instrument); }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                lock (_outcomes)
                {
                    var outcome = (string)tags[0].Value!;
                    _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + value;
                }
            });
            _listener.Start();
        }

        public long Of(string outcome)
        {
            lock (_outcomes) { return _outcomes.GetValueOrDefault(outcome); }
        }

        public void Dispose() => _listener.Dispose();
    }
}

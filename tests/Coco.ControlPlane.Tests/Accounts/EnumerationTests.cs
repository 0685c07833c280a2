using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Accounts;

/// <summary>Nobody finds out whether an address has an account: neither by what is answered nor by how much work it is.</summary>
public sealed class EnumerationTests
{
    private const string Password = "a difference engine";

    [Theory]
    [InlineData("known@example.org")]
    [InlineData("unknown@example.org")]
    [InlineData("no address at all")]
    [InlineData("locked@example.org")]
    public async Task A_wrong_sign_in_is_one_computation_and_one_text(string email)
    {
        await using var plane = await TestPlane.StartAsync();
        await plane.RegisterAsync("known@example.org", Password);
        var locked = await plane.RegisterAsync("locked@example.org", Password);
        await plane.Database.WriteAsync(session => AccountStore.SetLockedAsync(session, locked.Account, plane.Time.GetUtcNow()), default);
        var hasher = plane.Host.Services.GetRequiredService<PasswordHasher>();

        // Beyond the free guesses, too.
        for (var i = 0; i < 8; i++)
        {
            var before = hasher.Computations;
            using var response = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials(email, "not the password"));
            Assert.Equal(1, hasher.Computations - before);
            Assert.Equal(401, (int)response.StatusCode);
            Assert.Contains(SignIn.Refusal, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Null(response.Headers.RetryAfter);
        }
    }

    [Theory]
    [InlineData("/v1/accounts", 1)]
    [InlineData("/v1/accounts/reset", 0)]
    public async Task Asking_for_mail_is_the_same_work_for_all(string path, int computations)
    {
        await using var plane = await TestPlane.StartAsync();
        await plane.RegisterAsync("known@example.org", Password);
        var hasher = plane.Host.Services.GetRequiredService<PasswordHasher>();

        foreach (var email in new[] { "known@example.org", "unknown@example.org" })
        {
            var (before, rows) = (hasher.Computations, await RowsAsync(plane));
            using var response = await plane.SendAsync("POST", path, body: path.EndsWith("reset", StringComparison.Ordinal) ? new ResetRequest(email) : new Credentials(email, Password));
            Assert.Equal((202, "", computations, 1L), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), hasher.Computations - before, await RowsAsync(plane) - rows));
        }
    }

    [Fact]
    public async Task Nobody_gets_more_than_five_mails_an_hour()
    {
        await using var plane = await TestPlane.StartAsync();
        for (var i = 0; i < 8; i++)
        {
            using var response = await plane.SendAsync("POST", "/v1/accounts", body: new Credentials("ada@example.org", Password));
            Assert.Equal(202, (int)response.StatusCode);
        }
        using var other = await plane.SendAsync("POST", "/v1/accounts", body: new Credentials("last@example.org", Password));

        for (var i = 0; i < 5; i++) { Assert.Equal("ada@example.org", (await plane.Mails.NextAsync()).To.Text); }
        Assert.Equal("last@example.org", (await plane.Mails.NextAsync()).To.Text);
    }

    private static Task<long?> RowsAsync(TestPlane plane) => plane.Database.ReadAsync(session => session.NumberAsync($"SELECT COUNT(*) FROM mail_codes"), default);
}

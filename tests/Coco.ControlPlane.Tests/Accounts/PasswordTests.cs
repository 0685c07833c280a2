using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using ProblemCode = Coco.ControlPlane.Client.ControlPlaneError;

namespace Coco.ControlPlane.Tests.Accounts;

public sealed class PasswordTests
{
    [Theory]
    [InlineData("1234567")]
    [InlineData("password")]
    [InlineData("PassWord1")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("ada.lovelace@example.org")]
    [InlineData("Ada.Lovelace")]
    public void What_is_too_short_or_tried_first_is_refused(string password)
    {
        Assert.True(EmailAddress.TryParse("ada.lovelace@example.org", out var address));
        Assert.Throws<ApiException>(() => PasswordRules.Check(password, address));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(128)]
    [InlineData(256)]
    public void Length_alone_makes_a_password(int length) => PasswordRules.Check(string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i % 26)))), null);

    [Fact]
    public void What_is_longer_is_refused_and_not_cut() =>
        Assert.Throws<ApiException>(() => PasswordRules.Check(string.Concat(Enumerable.Range(0, 257).Select(i => (char)('a' + (i % 26)))), null));

    [Fact]
    public async Task The_last_of_many_characters_counts()
    {
        var start = new string('x', 255);
        await WithHasherAsync(new() { MemoryMiB = 1, Passes = 1 }, async hasher =>
        {
            var hash = await hasher.HashAsync(start + "a", default);
            Assert.True(await hasher.VerifyAsync(start + "a", hash, default));
            Assert.False(await hasher.VerifyAsync(start + "b", hash, default));
            Assert.StartsWith("argon2id$1024$1$", hash, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_flood_is_turned_away_before_it_takes_all()
    {
        await WithHasherAsync(new() { MemoryMiB = 64, Passes = 2, AtOnce = 1, MaxWaiting = 2 }, async hasher =>
        {
            // All begin before the first can be done, as they begin on one thread.
            var tasks = Enumerable.Range(0, 20).Select(_ => hasher.VerifyAsync("a guess", null, default)).ToList();
            var refused = 0;
            foreach (var task in tasks)
            {
                try { Assert.False(await task); }
                catch (ApiException exception) when (exception.Code is ProblemCode.Unavailable) { refused++; }
            }
            Assert.InRange(refused, 1, 17);
            Assert.Equal(20 - refused, hasher.Computations);
        });
    }

    [Theory]
    [InlineData("ada@example.org", "ada@example.org")]
    [InlineData(" Ada@EXAMPLE.org ", "ada@example.org")]
    [InlineData("a+b_c'd@sub.example.co.uk", "a+b_c'd@sub.example.co.uk")]
    public void Addresses_have_one_form(string text, string form)
    {
        Assert.True(EmailAddress.TryParse(text, out var address));
        Assert.Equal(form, address.Text);
        Assert.DoesNotContain("ada", address.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("ada@localhost")]
    [InlineData("a@b@example.org")]
    [InlineData("ada@example.org\r\nBcc: all@example.org")]
    [InlineData("ada@example.org\n")]
    [InlineData("\"ada lovelace\"@example.org")]
    [InlineData("adа@example.org")] // a Cyrillic а
    [InlineData("ada@exаmple.org")]
    [InlineData(".ada@example.org")]
    [InlineData("ada@-example.org")]
    [InlineData("<ada@example.org>")]
    [InlineData("ada@example.org, eve@example.org")]
    public void What_is_no_plain_address_is_refused(string text) => Assert.False(EmailAddress.TryParse(text, out _));

    private static async Task WithHasherAsync(PasswordSettings cost, Func<PasswordHasher, Task> test)
    {
        var path = Path.Combine(Path.GetTempPath(), "coco-secret-" + Guid.NewGuid().ToString("n")[..12]);
        try
        {
            using var secret = ServerSecret.Open(path, mayCreate: true);
            using var hasher = new PasswordHasher(secret, new() { Passwords = cost });
            await test(hasher);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

using System.Globalization;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Accounts;

/// <summary><c>coco-control accounts</c> and <c>operator-token</c>, beside an instance that may be running.</summary>
internal static class AccountCommands
{
    private const int MaxListed = 1000;
    private const int MaxDays = 365;

    private const string AccountsUsage = "accounts list [AFTER] | accounts lock|unlock|delete ACCOUNT [--NAME VALUE]...";
    private const string TokenUsage = "operator-token [DAYS] [--NAME VALUE]...";

    public static IReadOnlyList<Command> All { get; } =
    [
        new("accounts", "list|lock|unlock|delete [ACCOUNT]", "lists people, or ends or allows what one may do; ACCOUNT is the name or the address", AccountsAsync),
        new("operator-token", "[DAYS]", "makes a token for the operations that are the operator's, a day long by default", MakeTokenAsync),
    ];

    private static async Task<int> AccountsAsync(CommandCall call)
    {
        if (call.Arguments is not (["list"] or ["list", _] or ["lock" or "unlock" or "delete", _])) { return await call.MisusedAsync(AccountsUsage); }
        await using var database = await call.OpenDatabaseAsync();
        if (call.Arguments[0] == "list") { return await ListAsync(call, database, call.Arguments.Count > 1 ? call.Arguments[1] : ""); }
        using var secret = call.OpenSecret();
        var (tokens, attempts) = (new TokenStore(database, TimeProvider.System), new Attempts(secret, TimeProvider.System));
        var wrong = await database.WriteAsync(session => ChangeAsync(session, call.Arguments[0], call.Arguments[1], tokens, attempts), CancellationToken.None);
        if (wrong is null) { return EntryPoint.Done; }
        await call.Error.WriteLineAsync("coco-control: " + wrong);
        return EntryPoint.Failed;
    }

    private static async Task<int> ListAsync(CommandCall call, Database database, string after)
    {
        var accounts = await database.ReadAsync(session => AccountStore.ListAsync(session, after, MaxListed), CancellationToken.None);
        foreach (var account in accounts)
        {
            await call.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{account.Id} {account.Created:yyyy-MM-dd} {(account.Locked is null ? "open" : "locked")} {account.Email}"));
        }
        if (accounts.Count == MaxListed) { await call.Error.WriteLineAsync($"There are more: coco-control accounts list {accounts[^1].Id}"); }
        return EntryPoint.Done;
    }

    // What is wrong; null when it is done.
    private static async Task<string?> ChangeAsync(Session session, string change, string name, TokenStore tokens, Attempts attempts)
    {
        var account = EmailAddress.TryParse(name, out var address) ? await AccountStore.FindByEmailAsync(session, address) : await AccountStore.FindAsync(session, name);
        if (account is null) { return "There is no such account."; }
        switch (change)
        {
            case "lock":
                await AccountStore.SetLockedAsync(session, account.Id, TimeProvider.System.GetUtcNow());
                await tokens.RevokeAllAsync(session, account.Id);
                break;
            case "unlock":
                await AccountStore.SetLockedAsync(session, account.Id, at: null);
                if (EmailAddress.TryParse(account.Email, out var email)) { await attempts.ForgetAsync(session, email); }
                break;
            default:
                if (await AccountStore.OwnsNetworksAsync(session, account.Id)) { return "The account, or apps of it, own networks: these go first."; }
                await AccountStore.DeleteAsync(session, account.Id);
                break;
        }
        await session.ExecuteAsync(
            $"INSERT INTO audit_events (id, at, caller, operation, subject) VALUES ({Identifiers.New("evt")}, {TimeProvider.System.GetUtcNow()}, {"operator"}, {"accounts " + change}, {account.Id})");
        return null;
    }

    private static async Task<int> MakeTokenAsync(CommandCall call)
    {
        var days = 1;
        if (call.Arguments.Count > 1 || (call.Arguments is [var text] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out days) || days is < 1 or > MaxDays)))
        {
            return await call.MisusedAsync(TokenUsage);
        }
        await using var database = await call.OpenDatabaseAsync();
        var now = TimeProvider.System.GetUtcNow();
        var (token, secret) = await database.WriteAsync(
            session => TokenStore.IssueAsync(session, new(Identifiers.New("tok"), TokenKind.Operator, null, null, null, [], now, now.AddDays(days))), CancellationToken.None);
        await call.Output.WriteLineAsync(secret);
        await call.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"It is shown this once, is named {token.Id}, and ends {token.Expires:u}."));
        return EntryPoint.Done;
    }
}

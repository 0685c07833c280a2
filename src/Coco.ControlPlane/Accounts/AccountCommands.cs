using System.Globalization;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Accounts;

/// <summary><c>coco-control accounts</c>, <c>account-token</c>, <c>operator-token</c> and <c>operator-tokens</c>, beside an instance that may be running.</summary>
internal static class AccountCommands
{
    private const int MaxListed = 1000;
    private const int MaxDays = 365;
    private const string NoAccount = "There is no such account.";

    private const string AccountsUsage = "accounts list [AFTER] | accounts add ADDRESS | accounts lock|unlock|delete ACCOUNT [--NAME VALUE]...";
    private const string AccountTokenUsage = "account-token ACCOUNT [DAYS] [--NAME VALUE]...";
    private const string TokenUsage = "operator-token [DAYS] [--NAME VALUE]...";
    private const string TokensUsage = "operator-tokens list | operator-tokens revoke TOKEN|all [--NAME VALUE]...";
    private const string Everything = "all";

    public static IReadOnlyList<Command> All { get; } =
    [
        new("accounts", "list|add|lock|unlock|delete [ACCOUNT]", "lists people, adds one, or ends or allows what one may do; ACCOUNT is the name or the address", AccountsAsync),
        new("account-token", "ACCOUNT [DAYS]", "makes a token with which that person's programs use the API, a day long by default", MakeAccountTokenAsync),
        new("operator-token", "[DAYS]", "makes a token for the operations that are the operator's, a day long by default", MakeTokenAsync),
        new("operator-tokens", "list|revoke [TOKEN|all]", "lists tokens of operators that hold, or takes one back, or all; TOKEN is the name", OperatorTokensAsync),
    ];

    private static async Task<int> AccountsAsync(CommandCall call)
    {
        if (call.Arguments is not (["list"] or ["list", _] or ["add" or "lock" or "unlock" or "delete", _])) { return await call.MisusedAsync(AccountsUsage); }
        await using var database = await call.OpenDatabaseAsync();
        if (call.Arguments[0] == "list") { return await ListAsync(call, database, call.Arguments.Count > 1 ? call.Arguments[1] : ""); }
        if (call.Arguments[0] == "add") { return await AddAsync(call, database, call.Arguments[1]); }
        using var secret = call.OpenSecret();
        var (tokens, attempts) = (new TokenStore(database, TimeProvider.System), new Attempts(secret, TimeProvider.System));
        var wrong = await database.WriteAsync(session => ChangeAsync(session, call.Arguments[0], call.Arguments[1], tokens, attempts), CancellationToken.None);
        return wrong is null ? EntryPoint.Done : await call.FailedAsync(wrong);
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
        if (await FindAsync(session, name) is not { } account) { return NoAccount; }
        switch (change)
        {
            case "lock":
                await AccountStore.SetLockedAsync(session, account.Id, TimeProvider.System.GetUtcNow());
                await tokens.RevokeAllAsync(session, account.Id);
                await tokens.RevokeAllOfAppsAsync(session, account.Id);
                await AppStore.SilenceAllOfAsync(session, account.Id);
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
        await RecordAsync(session, "accounts " + change, account.Id);
        return null;
    }

    // For whoever runs a control plane of their own: the address counts as confirmed, and there is no password until one is set by mail.
    private static async Task<int> AddAsync(CommandCall call, Database database, string text)
    {
        if (!EmailAddress.TryParse(text, out var address)) { return await call.FailedAsync($"'{text}' is no address of mail that can be used here."); }
        var id = await database.WriteAsync(
            async session =>
            {
                if (await AccountStore.FindByEmailAsync(session, address) is not null) { return null; }
                var account = new Account(Identifiers.New("acc"), address.Text, null, null, TimeProvider.System.GetUtcNow(), 1);
                await AccountStore.AddAsync(session, account);
                await RecordAsync(session, "accounts add", account.Id);
                return account.Id;
            },
            CancellationToken.None);
        if (id is null) { return await call.FailedAsync($"{address.Text} has an account already. `coco-control account-token {address.Text}` makes a token for it."); }
        await call.Output.WriteLineAsync(id);
        return EntryPoint.Done;
    }

    private static async Task<int> MakeAccountTokenAsync(CommandCall call)
    {
        if (call.Arguments is not [var name, ..] || DaysOf(call.Arguments.Skip(1)) is not { } days) { return await call.MisusedAsync(AccountTokenUsage); }
        await using var database = await call.OpenDatabaseAsync();
        var made = await database.WriteAsync<(Token Token, string Text)?>(
            async session =>
            {
                if (await FindAsync(session, name) is not { Locked: null } account) { return null; }
                var now = TimeProvider.System.GetUtcNow();
                var issued = await TokenStore.IssueAsync(session, new(Identifiers.New("tok"), TokenKind.Session, account.Id, null, null, [], now, now.AddDays(days)));
                await RecordAsync(session, "account-token", account.Id);
                return issued;
            },
            CancellationToken.None);
        return made is { } shown ? await ShowAsync(call, shown.Token, shown.Text) : await call.FailedAsync($"{NoAccount} Or it is locked: `coco-control accounts list` says.");
    }

    private static async Task<int> MakeTokenAsync(CommandCall call)
    {
        if (DaysOf(call.Arguments) is not { } days) { return await call.MisusedAsync(TokenUsage); }
        await using var database = await call.OpenDatabaseAsync();
        var now = TimeProvider.System.GetUtcNow();
        var (token, secret) = await database.WriteAsync(
            async session =>
            {
                var issued = await TokenStore.IssueAsync(session, new(Identifiers.New("tok"), TokenKind.Operator, null, null, null, [], now, now.AddDays(days)));
                await RecordAsync(session, "operator-token", issued.Token.Id);
                return issued;
            },
            CancellationToken.None);
        return await ShowAsync(call, token, secret);
    }

    private static async Task<int> OperatorTokensAsync(CommandCall call)
    {
        if (call.Arguments is not (["list"] or ["revoke", _])) { return await call.MisusedAsync(TokensUsage); }
        await using var database = await call.OpenDatabaseAsync();
        var tokens = new TokenStore(database, TimeProvider.System);
        if (call.Arguments[0] == "list")
        {
            foreach (var token in await database.ReadAsync(tokens.ListOperatorsAsync, CancellationToken.None))
            {
                await call.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{token.Id} made {token.Created:u} ends {token.Expires:u}"));
            }
            return EntryPoint.Done;
        }
        var ended = await database.WriteAsync(session => RevokeAsync(session, tokens, call.Arguments[1]), CancellationToken.None);
        if (ended == 0 && call.Arguments[1] != Everything) { return await call.FailedAsync("There is no such token of an operator that holds. `coco-control operator-tokens list` names those."); }
        await call.Output.WriteLineAsync($"Tokens that hold no more: {ended}.");
        return EntryPoint.Done;
    }

    private static async Task<int> RevokeAsync(Session session, TokenStore tokens, string name)
    {
        var ended = 0;
        foreach (var token in (await tokens.ListOperatorsAsync(session)).Where(token => name == Everything || token.Id == name))
        {
            ended += await tokens.RevokeAsync(session, token.Id);
            await RecordAsync(session, "operator-tokens revoke", token.Id);
        }
        return ended;
    }

    private static async Task<int> ShowAsync(CommandCall call, Token token, string secret)
    {
        await call.Output.WriteLineAsync(secret);
        await call.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"It is shown this once, is named {token.Id}, and ends {token.Expires:u}."));
        return EntryPoint.Done;
    }

    private static int? DaysOf(IEnumerable<string> words) => words.ToArray() switch
    {
        [] => 1,
        [var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= MaxDays => days,
        _ => null,
    };

    private static Task<Account?> FindAsync(Session session, string name) =>
        EmailAddress.TryParse(name, out var address) ? AccountStore.FindByEmailAsync(session, address) : AccountStore.FindAsync(session, name);

    private static Task<int> RecordAsync(Session session, string operation, string subject) => session.ExecuteAsync(
        $"INSERT INTO audit_events (id, at, caller, operation, subject) VALUES ({Identifiers.New("evt")}, {TimeProvider.System.GetUtcNow()}, {"operator"}, {operation}, {subject})");
}

using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Accounts;

/// <summary>Accounts in the database.</summary>
internal static class AccountStore
{
    public static Task<Account?> FindAsync(Session session, string id) => session.FirstAsync($"SELECT * FROM accounts WHERE id = {id}", Read);

    public static Task<Account?> FindByEmailAsync(Session session, EmailAddress address) => session.FirstAsync($"SELECT * FROM accounts WHERE email = {address.Text}", Read);

    public static Task<List<Account>> ListAsync(Session session, string after, int limit) =>
        session.QueryAsync($"SELECT * FROM accounts WHERE id > {after} ORDER BY id LIMIT {limit}", Read);

    public static Task AddAsync(Session session, Account account) => session.ExecuteAsync(
        $"INSERT INTO accounts (id, email, password, created, version) VALUES ({account.Id}, {account.Email}, {account.Password}, {account.Created}, {account.Version})");

    public static Task SetPasswordAsync(Session session, string id, string hash) =>
        session.ExecuteAsync($"UPDATE accounts SET password = {hash}, version = version + 1 WHERE id = {id}");

    public static Task SetEmailAsync(Session session, string id, EmailAddress address) =>
        session.ExecuteAsync($"UPDATE accounts SET email = {address.Text}, version = version + 1 WHERE id = {id}");

    public static Task SetLockedAsync(Session session, string id, DateTimeOffset? at) =>
        session.ExecuteAsync($"UPDATE accounts SET locked = {at}, version = version + 1 WHERE id = {id}");

    /// <summary>Whether networks would be left without an owner.</summary>
    public static Task<bool> OwnsNetworksAsync(Session session, string id) => session.AnyAsync(
        $"SELECT 1 FROM networks WHERE owner_account = {id} UNION ALL SELECT 1 FROM networks JOIN apps ON apps.id = networks.owner_app WHERE apps.owner_account = {id}");

    /// <summary>Forgets a person, with the person's apps, tokens, passkeys and places in networks.</summary>
    public static async Task DeleteAsync(Session session, string id)
    {
        await session.ExecuteAsync($"DELETE FROM network_people WHERE account = {id}");
        await AppStore.DeleteAllOfAsync(session, id);
        await session.ExecuteAsync($"DELETE FROM accounts WHERE id = {id}");
    }

    private static Account Read(Row row) =>
        new(row.Text("id"), row.Text("email"), row.TextOrNull("password"), row.TimeOrNull("locked"), row.Time("created"), row.Long("version"));
}

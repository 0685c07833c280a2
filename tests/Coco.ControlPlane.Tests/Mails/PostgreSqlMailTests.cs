using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Mails;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Mails;

public sealed class PostgreSqlMailTests(PostgreSqlServer server) : MailTests(server)
{
    [Fact]
    public async Task Of_two_instances_one_sends_each_mail()
    {
        await using var second = await Plane.StartSecondAsync();
        using var http = new HttpClient { BaseAddress = second.Addresses[0] };

        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            using var body = JsonContent.Create(new Credentials($"p{i.ToString(CultureInfo.InvariantCulture)}@example.org", Password));
            using var answer = await (i % 2 == 0 ? http : Plane.Http).PostAsync(new Uri("/v1/accounts", UriKind.Relative), body);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }));
        while (await WaitingAsync() > 0) { await Task.WhenAll(SendAsync(), second.Services.GetRequiredService<MailCourier>().RunOnceAsync(default)); }

        var sent = Plane.Mails.TakeAll();
        Assert.Equal(60, sent.Count);
        Assert.Equal(60, sent.DistinctBy(static mail => mail.To).Count());
    }
}

/** The page's only script: hides the token from the address bar, and keeps what is live up to date. */
export const SCRIPT = `(()=>{
const address=new URL(location.href)
if(address.searchParams.has('token')){address.searchParams.delete('token');history.replaceState(null,'',address)}
const live=document.getElementById('live'),gone=document.getElementById('gone')
if(!live)return
let last=live.innerHTML
const look=async()=>{
  const every=Number(live.dataset.every)
  if(!every)return
  if(!document.hidden)try{
    const answer=await fetch(location.href,{cache:'no-store'})
    if(!answer.ok)throw new Error(answer.status)
    const fresh=new DOMParser().parseFromString(await answer.text(),'text/html').getElementById('live')
    gone.hidden=true
    if(fresh&&fresh.innerHTML!==last){
      last=fresh.innerHTML
      const held=live.contains(document.activeElement)?document.activeElement.getAttribute('href'):null
      live.replaceChildren(...document.importNode(fresh,true).childNodes)
      if(held!==null)[...live.querySelectorAll('a')].find(a=>a.getAttribute('href')===held)?.focus()
    }
    if(fresh)live.dataset.every=fresh.dataset.every??''
  }catch{gone.hidden=false}
  setTimeout(look,every)
}
setTimeout(look,Number(live.dataset.every))
})()
`

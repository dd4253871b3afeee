// Texts that are not Latin: a museum's leaflet in Greek and Russian, a harbour's newsletter in Japanese.
import { readFile } from 'node:fs/promises'
import { newDocument, newSheet, numberPages } from './sheet.mjs'
import { embedTrueType } from './truetype.mjs'

const GREEK = [
  'Το Μουσείο του Αλατιού στεγάζεται από το 1987 σε μια παλιά αποθήκη δίπλα στις αλυκές της Αγίας Βαρβάρας. Το κτίριο σώθηκε από την κατεδάφιση χάρη σε δώδεκα κατοίκους, που πλήρωσαν οι ίδιοι για τη νέα στέγη.',
  'Στην πρώτη αίθουσα θα δείτε τα ξύλινα φτυάρια, τα καλάθια και τις ζυγαριές των αλατεργατών. Το παλαιότερο καλάθι πλέχτηκε το 1843 και αντέχει ακόμη σαράντα κιλά.',
  'Κάθε Κυριακή στις έντεκα το πρωί οι επισκέπτες μπορούν να μαζέψουν μόνοι τους ανθό αλατιού. Χρειάζονται μόνο καπέλο και υπομονή· τις μπότες τις δανείζει το μουσείο.',
]
const GREEK_HOURS = [
  'Ανοιχτά: Τρίτη έως Κυριακή, 9:30–17:00.',
  'Εισιτήριο: 4,50 €, παιδιά κάτω των δώδεκα ετών δωρεάν.',
  'Τα φλαμίνγκο φεύγουν κάθε χρόνο γύρω στις 20 Μαρτίου.',
]
const RUSSIAN = [
  'Музей соли с 1987 года занимает старый склад рядом с солеварнями Святой Варвары. Здание спасли от сноса двенадцать местных жителей: они сами оплатили новую крышу.',
  'В первом зале выставлены деревянные лопаты, корзины и весы солеваров. Самая старая корзина сплетена в 1843 году и до сих пор выдерживает сорок килограммов.',
  'Каждое воскресенье в одиннадцать утра посетители сами собирают соляной цвет. Нужны только шляпа и терпение, а сапоги музей даёт напрокат.',
]
const RUSSIAN_HOURS = [
  'Открыто: со вторника по воскресенье, 9:30–17:00.',
  'Билет: 4,50 €, дети до двенадцати лет проходят бесплатно.',
  'Фламинго улетают каждый год около 20 марта.',
]
const JAPANESE = [
  '霧ヶ浜港では、四月から新しい防波堤の工事が始まります。長さは二百四十メートルで、完成は来年の秋の予定です。工事の間、東側の桟橋は使えません。',
  '先月の朝市には、雨にもかかわらず八百人が訪れました。一番早く売り切れたのは、田中さんの干しホタルイカで、開店から十五分で百袋がなくなりました。',
  '灯台の一般公開は、五月の第二土曜日です。階段は百三十七段あります。上まで登った子どもには、灯台守の帽子をかたどったクッキーを差し上げます。',
  '港の猫「まぐろ」は、今年で十八歳になりました。餌は決められた場所だけで与えてください。',
]
const JAPANESE_TIMES = [
  '朝市：毎月第一日曜日、午前六時から九時まで',
  '灯台公開：午前十時から午後三時まで、入場無料',
  '問い合わせ：霧ヶ浜港事務所、電話 0555-01-7734',
]

/** A page in Greek, a page in Russian; both say the same. */
export async function saltMuseumLeaflet() {
  const document = await newDocument({
    title: 'Μουσείο του Αλατιού · Музей соли',
    author: 'Μουσείο του Αλατιού',
    subject: 'Leaflet',
    language: 'el',
  })
  const font = await subset(document, 'dejavu-sans.subset.ttf', 'DejaVuSans')
  const sheet = newSheet(document, { regular: font, bold: font, size: 11, leading: 1.6 })
  sheet.newPage()
  sheet.title('Μουσείο του Αλατιού')
  for (const text of GREEK) sheet.paragraph(text)
  sheet.heading('Ώρες λειτουργίας')
  sheet.list(GREEK_HOURS)
  sheet.newPage()
  sheet.title('Музей соли')
  for (const text of RUSSIAN) sheet.paragraph(text)
  sheet.heading('Часы работы')
  sheet.list(RUSSIAN_HOURS)
  numberPages(document, font, (page, pages) => `${page} / ${pages}`)
  return document
}

/** One page in Japanese, which has no spaces to break lines at. */
export async function harbourNews() {
  const document = await newDocument({
    title: '霧ヶ浜港だより 第四十二号',
    author: '霧ヶ浜港事務所',
    subject: 'Newsletter',
    language: 'ja',
  })
  const font = await subset(document, 'mplus-1.subset.ttf', 'MPLUS1-Regular')
  const sheet = newSheet(document, { regular: font, bold: font, size: 12, leading: 1.75 })
  sheet.newPage()
  sheet.title('霧ヶ浜港だより　第四十二号')
  for (const text of JAPANESE) sheet.paragraph(text)
  sheet.heading('お知らせ')
  sheet.list(JAPANESE_TIMES)
  return document
}

async function subset(document, file, name) {
  return embedTrueType(document, await readFile(new URL(`../fonts/${file}`, import.meta.url)), name)
}
